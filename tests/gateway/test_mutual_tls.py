"""Tokens bound to a certificate (RFC 8705) over real TLS: only who shows it may use them."""

import asyncio
import ssl

import gateway_world
import pytest
from gateway_world import read_reply, response
from paper_world import Paper
from token_world import ALGORITHMS, ISSUER, jwk, token

from policies.snapshot import IssuerPlan

MTLS = b"policy: who\nkind: authenticate\nspec: {accept: [mtls]}"
IDP = IssuerPlan(
    name="idp", issuer=ISSUER, audience="treaty", algorithms=ALGORITHMS,
    jwks={"keys": [jwk("P-256")]},
)  # fmt: skip


@pytest.fixture
def papers(tmp_path, monkeypatch):
    """An authority, the gateway's certificate, and two of clients; the gateway asks for one."""
    authority = Paper(tmp_path, "authority")
    own, ours, theirs = (Paper(tmp_path, name, authority) for name in ("own", "ours", "theirs"))
    build = gateway_world.build_server

    def with_tls(gateway):
        server = build(gateway)
        config = server.config
        config.ssl_certfile = config.ssl_keyfile = own.file
        config.ssl_ca_certs, config.ssl_cert_reqs = authority.file, ssl.CERT_OPTIONAL
        return server

    monkeypatch.setattr(gateway_world, "build_server", with_tls)
    return authority, ours, theirs


async def call(running, authority, paper, text):
    context = ssl.create_default_context(cafile=authority.file)
    if paper is not None:
        context.load_cert_chain(paper.file)
    reader, writer = await asyncio.open_connection("localhost", running.port, ssl=context)
    head = f"GET /psa/projects/v2/projects/P-1 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {text}"
    writer.write(f"{head}\r\nConnection: close\r\n\r\n".encode())
    try:
        return (await read_reply(reader)).status
    finally:
        writer.close()


def test_only_who_shows_the_certificate_may_use_its_token(run, papers):
    authority, ours, theirs = papers

    def bound(**cnf):
        return token(
            "P-256", "ES256", claims={"client_id": "reader", "scope": "projects.read"} | cnf
        )

    async def test(running):
        mine = bound(cnf={"x5t#S256": ours.thumbprint})
        assert await call(running, authority, ours, mine) == 200
        assert await call(running, authority, theirs, mine) == 401
        assert await call(running, authority, None, mine) == 401
        assert await call(running, authority, ours, bound()) == 401
        assert len(running.upstream.requests) == 1

    answer = response(200, b"{}", "Content-Type: application/json")
    run(lambda request, writer: answer, test, issuers=(IDP,), policies=MTLS)
