"""The map of the desk: deck, base map, legend, search and place picker."""
