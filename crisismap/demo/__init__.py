"""The made-up flood of the demo: seeded generator, and the feeder that plays it through the public HTTP API."""
