"""The generated city: terrain, wards, roads, floods and gauges."""
