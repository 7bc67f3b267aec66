"""Acting on reports and requests with the verbs of `core.verbs`."""
