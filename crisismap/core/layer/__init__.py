"""Official layers: their features, sources, warnings, gauges, facilities and roads."""
