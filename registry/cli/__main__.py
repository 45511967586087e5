"""`python -m registry.cli`, the same program as `treaty`."""

from registry.cli import main

main()
