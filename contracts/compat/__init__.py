"""Compatibility: a walker yields pairs, checks yield findings, a law derives levels."""
