"""The simulated flood of the demo: a seeded generator, and the feeder that sends it through the public HTTP API."""
