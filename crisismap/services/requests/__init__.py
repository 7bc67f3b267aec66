"""What is done to reports and requests: the verbs of `core.verbs`, carried out in one place."""
