"""The made-up city: terrain, wards, roads, floods and gauges."""
