"""Fetching the current data of sources on the network, through one guarded client."""
