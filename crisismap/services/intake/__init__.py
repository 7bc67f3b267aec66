"""Receiving reports: reading, checking, storing and acknowledging them."""
