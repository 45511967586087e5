"""The data plane: enforces one compiled snapshot in front of the upstreams."""
