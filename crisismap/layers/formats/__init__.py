"""Readers of file and feed formats, each returning raw features or alerts."""
