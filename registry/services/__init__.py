"""Use cases; no HTTP words."""
