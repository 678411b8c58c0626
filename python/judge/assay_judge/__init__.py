"""Training and measurement of the built-in judge. Run by hand, never by the service."""
