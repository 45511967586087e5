"""Flows and systems above the registry; today the sandbox systems and the generic mock."""
