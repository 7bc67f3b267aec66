"""Merging reports with official layers: areas, hazards, shelters and disagreements."""
