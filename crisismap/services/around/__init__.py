"""The official context of a place: warnings, gauges, roads, shelters and routes."""
