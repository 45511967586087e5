"""Bytes in and out: the ASGI side and the upstream client."""
