"""Tests of the situation room."""
