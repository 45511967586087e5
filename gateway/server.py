"""How uvicorn is set up around the gateway; the tests run the same."""

import uvicorn

from gateway.app import Gateway
from gateway.wire.client import ClientConnection

_GRACE_SECONDS = 10


def server(gateway: Gateway) -> uvicorn.Server:
    """Return the server, not yet listening."""
    return uvicorn.Server(
        uvicorn.Config(
            gateway,
            port=0,
            http=ClientConnection,
            ws="none",
            loop="uvloop",
            lifespan="on",
            access_log=False,
            server_header=False,
            date_header=False,
            # The gateway is the edge: nobody's X-Forwarded-For names the client.
            proxy_headers=False,
            log_config=None,
            log_level="warning",
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
    )
