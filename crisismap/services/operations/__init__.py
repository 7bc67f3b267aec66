"""Use cases of running a deployment: what it is about, its upkeep and its copies."""
