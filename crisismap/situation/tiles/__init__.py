"""Vector tiles of the reports."""
