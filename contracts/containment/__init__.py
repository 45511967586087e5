"""Decides whether one schema accepts everything that another accepts, and proves it by a value."""
