"""Normalisation of raw features to valid WGS 84 features with ids, names, codes and status."""
