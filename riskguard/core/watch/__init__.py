"""Listening to venues and asking them: detectors fed, probes, reads, what they say of themselves."""
