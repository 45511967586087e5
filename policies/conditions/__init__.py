"""Conditions of policies: read from YAML, bound to an operation, built to one closure per rule."""
