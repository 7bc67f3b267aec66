"""Periodic tasks, one module each, run inside `serve`."""
