"""Crisis map: people's reports merged with official layers, and the list of requests nobody has answered."""

__version__ = "0.1.0"
