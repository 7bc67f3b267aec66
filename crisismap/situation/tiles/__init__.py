"""Vector tiles of reports."""
