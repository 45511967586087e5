"""The demo's systems, as small stateful services."""
