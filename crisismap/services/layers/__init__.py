"""Official layers come in, are followed, published and withdrawn."""
