"""One file per command; `registry.cli.app.COMMANDS` is the list."""
