"""Ways in and out, one module each: parse what comes, send what goes."""
