"""The Layers page: cards, uploads, sources and versions."""
