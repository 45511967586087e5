"""How uvicorn is set up around the gateway; the tests run the same."""

import uvicorn

from gateway.app import Gateway

_GRACE_SECONDS = 10
_MAX_HEADER_BYTES = 32_768


def server(gateway: Gateway) -> uvicorn.Server:
    """Return the server, not yet listening."""
    return uvicorn.Server(
        uvicorn.Config(
            gateway,
            port=0,
            http="h11",
            ws="none",
            lifespan="on",
            access_log=False,
            server_header=False,
            date_header=False,
            # The gateway is the edge: nobody's X-Forwarded-For names the client.
            proxy_headers=False,
            log_config=None,
            log_level="warning",
            h11_max_incomplete_event_size=_MAX_HEADER_BYTES,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
    )
