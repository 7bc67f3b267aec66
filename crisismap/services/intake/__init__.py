"""Reports come in: read, checked, kept and answered with a receipt."""
