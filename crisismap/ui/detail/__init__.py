"""One report or request in full, and what can be done with it."""
