"""The TLS flags of the gateway's command line, over real processes and sockets."""

import hashlib
import http.client
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from gateway_world import snapshot
from paper_world import Paper
from ports import free_port


@pytest.fixture
def papers(tmp_path):
    authority = Paper(tmp_path, "authority")
    return {"authority": authority} | {
        name: Paper(tmp_path, name, authority) for name in ("own", "client")
    }


@contextmanager
def gateway(folder, *flags):
    (folder / "snapshot.json").write_bytes(snapshot().write())
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway", "--snapshot", str(folder / "snapshot.json"),
         "--port", str(port), "--data-dir", str(folder / "data"), *map(str, flags)],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process, port
    finally:
        process.terminate()
        process.wait(15)
        process.stderr.close()


def asked(port, context):
    """Ask for the gateway's health until it listens; return status, and the certificate it showed."""
    until = time.monotonic() + 15
    while True:
        line = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=5)
        try:
            line.request("GET", "/-/health")
            shown = line.sock.getpeercert(binary_form=True)
            return line.getresponse().status, shown
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        finally:
            line.close()


def trusting(papers, client=None):
    context = ssl.create_default_context(cafile=str(papers["authority"].file))
    context.check_hostname = False
    if client is not None:
        context.load_cert_chain(papers[client].file)
    return context


def test_the_gateway_serves_https_with_its_certificate(tmp_path, papers):
    own = papers["own"].file
    with gateway(tmp_path, "--tls-cert", own, "--tls-key", own) as (_, port):
        status, shown = asked(port, trusting(papers))
        assert status == 200
        digest = hashlib.sha256(shown).digest()
        assert (
            papers["own"].certificate.fingerprint(
                papers["own"].certificate.signature_hash_algorithm
            )
            == digest
        )
        plain = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        plain.request("GET", "/-/health")
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            plain.getresponse()
        with pytest.raises(ssl.SSLCertVerificationError):
            asked(port, ssl.create_default_context())


def test_clients_are_asked_for_certificates_of_the_authority(tmp_path, papers):
    own, authority = papers["own"].file, papers["authority"].file
    stranger = Paper(tmp_path, "stranger")
    flags = ("--tls-cert", own, "--tls-key", own, "--client-ca", authority)
    with gateway(tmp_path, *flags) as (_, port):
        assert asked(port, trusting(papers, "client"))[0] == 200
        assert asked(port, trusting(papers))[0] == 200, "a certificate is asked for, not demanded"
        with pytest.raises((ssl.SSLError, ConnectionError, http.client.HTTPException)):
            asked(port, trusting({**papers, "stranger": stranger}, "stranger"))


@pytest.mark.parametrize("half", ["--tls-cert", "--tls-key"])
def test_half_a_pair_is_refused(tmp_path, papers, half):
    with gateway(tmp_path, half, papers["own"].file) as (process, _):
        assert process.wait(15) == 2
        assert "belong together" in process.stderr.read()
