"""One file per policy kind, listed here."""
