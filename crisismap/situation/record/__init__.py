"""The output of the situation: each fact of a report as one entry, and its encoding as JSON."""
