"""Several deployments on one base path, each with an upstream path of its own."""

import hashlib
import json

from gateway_world import response
from psa_world import deployed

from contracts.formats import read as read_contract
from policies.compile import compile as compile_snapshot
from policies.inputs import Inputs
from policies.load import load
from policies.routing import Routing
from policies.snapshot import ApiKeyPlan, ApplicationPlan, GrantPlan, LimitPlan, UsagePlan


def contract(version):
    """Return a contract with one operation, GET /orders."""
    text = {
        "openapi": "3.1.0",
        "info": {"title": "Orders", "version": version},
        "paths": {"/orders": {"get": {"operationId": "list", "responses": {"200": {"description": "All."}}}}},
    }  # fmt: skip
    return read_contract(json.dumps(text).encode(), source=f"orders-{version}.json")


def on_one_path(upstream, routings, *, name="shop.orders", base="/orders"):
    """Return deployments by version; the upstream sees the version as the first segment."""
    return tuple(
        deployed(
            contract_id=name, version=version, contract=contract(version), base_path=base,
            upstream=f"{upstream}/{version}", place=f"world.yaml:{line}",
            routing=None if facts is None else Routing.model_validate(facts),
        )
        for line, (version, facts) in enumerate(routings.items(), 1)
    )  # fmt: skip


def world(deployments, pins=None, policies=b"", applications=("reader", "writer")):
    """Return the snapshot; every application has the key `key-<name>` and a grant."""
    contracts = sorted({each.contract_id for each in deployments})
    return compile_snapshot(
        Inputs(
            "demo",
            deployments,
            load(policies, source="policies.yaml"),
            applications=tuple(ApplicationPlan(id=n, name=n, team="t") for n in applications),
            api_keys=tuple(
                ApiKeyPlan(digest=hashlib.sha256(f"key-{n}".encode()).hexdigest(), application=n)
                for n in applications
            ),
            plans=(UsagePlan(name="p", limits=(LimitPlan(name="l", quota=1000, window_seconds=60),)),),
            grants=tuple(
                GrantPlan(
                    application=n, contract=c, plan="p", scopes=(), version=(pins or {}).get(n)
                )
                for n in applications
                for c in contracts
            ),
        )
    )  # fmt: skip


def upstream(request, writer):
    """Answer with the first segment of the path."""
    body = json.dumps({"version": request.line.split()[1].split("/")[1]}).encode()
    return response(200, body, "Content-Type: application/json")


async def ask(running, *fields, key="reader", host="gateway.example.com", path="/orders/orders"):
    """Return the reply to a GET."""
    head = [f"GET {path} HTTP/1.1", f"Host: {host}", "Connection: close"]
    head += [f"X-Api-Key: key-{key}"] if key else []
    return await running.exchange("\r\n".join([*head, *fields, "", ""]))
