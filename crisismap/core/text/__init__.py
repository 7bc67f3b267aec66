"""Text that people write: what can be kept, and how it is read."""
