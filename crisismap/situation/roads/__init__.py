"""The road network, its known closures, and the shortest route."""
