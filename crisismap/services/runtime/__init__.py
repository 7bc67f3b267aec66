"""What an open deployment keeps in memory: its context, limits, clock guard and derived data."""
