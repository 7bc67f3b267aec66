"""The road network, what is known to be blocked, and the shortest route."""
