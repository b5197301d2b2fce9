"""The guard under virtual time: one seed, one history."""
