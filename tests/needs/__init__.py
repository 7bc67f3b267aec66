"""Labelled texts: what people write in a flood, and what a dispatcher has to do about it. RULE.md says how."""
