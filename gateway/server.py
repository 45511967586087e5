"""How uvicorn is set up around the gateway; the tests run the same."""

import ssl

import uvicorn

from gateway.app import Gateway
from gateway.wire.client import ClientConnection

_GRACE_SECONDS = 10


def server(gateway: Gateway) -> uvicorn.Server:
    """Return the server, not yet listening."""
    settings = gateway.settings
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
            ssl_certfile=settings.tls_cert,
            ssl_keyfile=settings.tls_key,
            ssl_ca_certs=None if settings.client_ca is None else str(settings.client_ca),
            ssl_cert_reqs=ssl.CERT_NONE if settings.client_ca is None else ssl.CERT_OPTIONAL,
        )
    )
