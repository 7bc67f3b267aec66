"""The Layers page: cards, uploads, layers from a URL and versions."""
