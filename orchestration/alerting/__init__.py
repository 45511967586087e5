"""Alerts: what has to be told to people at once; rules, channels, and the loop that joins them."""
