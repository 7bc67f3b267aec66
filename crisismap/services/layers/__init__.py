"""Publishing, following and withdrawing official layers."""
