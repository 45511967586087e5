"""Issuers in a folder: keys there or elsewhere, and mistakes named by file and line."""

import json

import pytest
from token_world import jwk

from contracts.errors import TreatyError
from policies.compile import compile_with_warnings
from policies.folder.reading import inputs

HEAD = "environment: prod\nissuers:\n"


def issuers(*lines, files=None):
    text = HEAD + "".join(
        f"  - {{issuer: 'https://i{n}.example', audience: a, {line}}}\n"
        for n, line in enumerate(lines)
    )
    return inputs({"world.yaml": text.encode()} | (files or {})).issuers


def test_keys_elsewhere():
    asked = "introspection: {endpoint: 'https://i.example/ask', client_id: gateway, secret: idp}"
    first, second, third = issuers(
        "jwks_uri: 'https://i.example/keys', max_age_seconds: 3600",
        "name: our-idp, discovery: 'https://i.example/.well-known/openid-configuration'",
        f"{asked}, algorithms: [ES256]",
    )
    assert (first.name, first.jwks_uri, first.max_age_seconds) == (
        "issuer-1",
        "https://i.example/keys",
        3600,
    )
    assert (second.name, second.discovery[-20:]) == ("our-idp", "openid-configuration")
    assert third.introspection.secret == "idp"
    assert third.algorithms == ("ES256",)


def test_keys_here():
    keys = json.dumps({"keys": [jwk("P-256")]}).encode()
    found = inputs(
        {
            "world.yaml": (HEAD + "  - {issuer: i, audience: a, jwks_file: keys.json}").encode(),
            "keys.json": keys,
        }
    )
    assert compile_with_warnings(found).snapshot.issuers[0].jwks == {"keys": [jwk("P-256")]}


WRONG = {
    "no keys": ("algorithms: [RS256]", "give its keys"),
    "keys twice": ("jwks: {keys: []}, jwks_file: keys.json", "give its keys"),
    "no usable key": ("jwks: {keys: []}", "no usable key"),
    "over http": ("jwks_uri: 'http://i.example/'", "https"),
    "an algorithm of shared secrets": ("jwks_uri: 'https://i.example/', algorithms: [HS256]", "HS256"),
    "a secret by path": ("introspection: {endpoint: 'https://i.example/', client_id: a, secret: ../x}", "names a secret"),
    "no file": ("jwks_file: gone.json", "no file"),
    "an unknown member": ("jwks_url: 'https://i.example/'", "jwks_url"),
}  # fmt: skip


@pytest.mark.parametrize(("line", "says"), WRONG.values(), ids=WRONG)
def test_mistakes_have_a_place(line, says):
    with pytest.raises(TreatyError) as refused:
        issuers("jwks_uri: 'https://good.example/'", line)
    (wrong,) = refused.value.problem.errors
    assert says in f"{wrong.pointer} {wrong.detail}"
    assert (wrong.file, wrong.line) == ("world.yaml", 4)
