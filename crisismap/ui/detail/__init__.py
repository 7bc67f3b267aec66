"""The detail of one report or request, and the actions on it."""
