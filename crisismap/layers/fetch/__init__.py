"""Bringing in what a source on the network has now, through one guarded client."""
