"""Readers of file and feed formats, each giving raw features or alerts."""
