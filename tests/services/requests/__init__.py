"""What is done to reports and requests."""
