"""One small function per check, one file per area."""
