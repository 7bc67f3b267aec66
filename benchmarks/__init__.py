"""Measurements of crisismap, each job beside a peer in the same run. See docs/performance.md."""
