"""Hearing in free text whether somebody needs help: words by concept, and the rules that combine them."""
