"""Benchmarks of crisismap, each beside a peer in the same run. See docs/performance.md."""
