"""The guard's pure core: observations in, commands out, the time is an argument."""
