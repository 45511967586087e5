"""Turns the short forms of case files into contracts; used by the compat tests."""

import json
from datetime import date

import pytest

from contracts.compat.lifecycle import Lifecycle
from contracts.compat.mode import Mode
from contracts.compat.run import compare
from contracts.formats import read

ON = date(2026, 11, 23)  # the day on which sunset dates count as passed

_INFO = {"title": "Things", "version": "1.0.0"}
_DONE = {"responses": {"204": {"description": "done"}}}


def _document(paths, **rest):
    return {"openapi": "3.1.0", "info": _INFO, "paths": paths, **rest}


def _body(schema):
    return {"content": {"application/json": {"schema": schema}}}


def _events(action, message):
    channel = {"address": "things", "messages": {"made": message}}
    operation = {"action": action, "channel": {"$ref": "#/channels/things"}}
    return {
        "asyncapi": "3.0.0",
        "info": _INFO,
        "channels": {"things": channel},
        "operations": {"handle": operation},
    }


SHAPES = {
    "request": lambda v: _document({"/things": {"post": {"requestBody": _body(v), **_DONE}}}),
    "response": lambda v: _document(
        {"/things": {"get": {"responses": {"200": {"description": "found", **_body(v)}}}}}
    ),
    "parameters": lambda v: _document({"/things": {"get": {"parameters": v, **_DONE}}}),
    "responses": lambda v: _document({"/things": {"get": {"responses": v}}}),
    "operation": lambda v: _document({"/things": {"get": {**_DONE, **v}}}),
    "paths": _document,
    "webhook": lambda v: _document({}, webhooks={"made": {"post": {**_DONE, **v}}}),
    "callback": lambda v: _document(
        {"/things": {"post": {**_DONE, "callbacks": {"made": {"{$request.body#/url}": v}}}}}
    ),
    "openapi": lambda v: _document({}) | v,
    "json-schema": lambda v: v,
    "asyncapi": lambda v: {"asyncapi": "3.0.0", "info": _INFO, **v},
    "asyncapi-2": lambda v: {"asyncapi": "2.6.0", "info": _INFO, **v},
    "sent": lambda v: _events("send", v),
    "received": lambda v: _events("receive", v),
}


@pytest.fixture(scope="session", name="contract")
def _contract():
    return contract


@pytest.fixture(scope="session")
def judge():
    """Return the judgement of a case, or of its two sides the other way round."""

    def run(case, mode=None, *, swapped=False):
        sides = [
            contract(case["as"], case[side], openapi=case.get("openapi")) for side in ("old", "new")
        ]
        old, new = sides[::-1] if swapped else sides
        lifecycle = Lifecycle(**case.get("lifecycle", {}))
        chosen = Mode(mode or case.get("mode", "backward"))
        return compare(old, new, mode=chosen, on=ON, lifecycle=lifecycle)

    return run


def contract(shape, value, *, source="case.json", openapi=None):
    """Return the contract of one side of a case."""
    document = SHAPES[shape](value)
    if openapi:
        document["openapi"] = openapi
    if shape == "json-schema" and isinstance(document, dict):
        document = {"$schema": "https://json-schema.org/draft/2020-12/schema", **document}
    return read(json.dumps(document).encode(), source=source)
