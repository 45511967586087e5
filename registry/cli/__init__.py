"""The `treaty` command: speaks HTTP to the registry, starts processes, or works offline."""


def main() -> None:
    """Run the command line and leave with its exit code (entry point of the distribution)."""
    # The import waits until it is needed: `registry.cli` is also imported by documentation.
    from registry.cli.app import run  # noqa: PLC0415  # see the line above

    raise SystemExit(run())
