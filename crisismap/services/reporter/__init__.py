"""What the holder of a tracking code can see and do."""
