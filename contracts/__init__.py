"""Contracts as data: reading, judging and rendering them. Pure functions; no I/O."""
