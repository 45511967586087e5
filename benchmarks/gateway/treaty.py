"""Treaty's gateway under test: its contract, the compiled snapshot, and how it is started.

Everything the bench knows of Treaty is in this file.
"""

import json
import sys
from collections.abc import Sequence

from benchmarks.gateway import world
from benchmarks.gateway.peers.peer import EVERYTHING, Peer, Setting
from benchmarks.gateway.processes import Running, free_port
from benchmarks.gateway.programs import ROOT
from contracts.document import Json
from contracts.formats import read
from policies.compile import compile as compile_snapshot
from policies.inputs import Deployed, Inputs
from policies.load import load
from policies.snapshot import ApplicationPlan, GrantPlan, IssuerPlan, LimitPlan, UsagePlan

NAME = "Treaty"
_CONTRACT, _ENVIRONMENT = "bench.orders", "bench"
# The baseline pack adds token, scope, grant, limit, mask, size and lifecycle by itself.
_POLICIES = b"""
policy: bench-validation
kind: validate-request
spec: {undeclared_query: refuse, undeclared_body: refuse}
"""


def peer(routes: int = 0, more: Sequence[str] = ()) -> Peer:
    """Return Treaty with every policy, `routes` more operations, and `more` arguments."""
    return Peer(NAME, EVERYTHING, lambda setting: _start(setting, routes, more))


def _start(setting: Setting, routes: int, more: Sequence[str]) -> Running:
    port, snapshot = free_port(), setting.folder / "snapshot.json"
    snapshot.write_bytes(_snapshot(setting, routes))
    return Running(
        [sys.executable, "-m", "gateway", "--snapshot", str(snapshot), "--port", str(port),
         "--data-dir", str(setting.folder / "data"), "--workers", str(setting.workers), *more],
        port=port, cores=setting.cores, cwd=ROOT, environment={"PYTHONPATH": str(ROOT)},
        log=setting.folder / "treaty.log",
    )  # fmt: skip


def _snapshot(setting: Setting, routes: int) -> bytes:
    text = json.dumps(_contract(routes)).encode()
    deployed = Deployed(
        contract_id=_CONTRACT, version="1.0.0", contract=read(text, source="orders.json"),
        state="deprecated", base_path=world.BASE_PATH,
        upstream=f"http://127.0.0.1:{setting.upstream_port}",
        deprecated_at=world.DEPRECATED_AT, sunset_at=world.SUNSET_AT,
    )  # fmt: skip
    callers = (
        (world.CALLER, world.QUOTA, world.WINDOW_SECONDS),
        (world.LIMITED_CALLER, world.LIMITED_QUOTA, world.LIMITED_WINDOW_SECONDS),
    )
    inputs = Inputs(
        _ENVIRONMENT,
        (deployed,),
        load(_POLICIES, source="bench.yaml"),
        applications=tuple(ApplicationPlan(id=name, name=name, team="t") for name, _, _ in callers),
        plans=tuple(
            UsagePlan(
                name=name, limits=(LimitPlan(name="calls", quota=quota, window_seconds=window),)
            )
            for name, quota, window in callers
        ),
        grants=tuple(
            GrantPlan(
                application=name, contract=_CONTRACT, plan=name,
                scopes=(world.SCOPE, world.OTHER_SCOPE),
            )
            for name, _, _ in callers
        ),
        issuers=(
            IssuerPlan(
                name="bench", issuer=world.ISSUER, audience=world.AUDIENCE,
                algorithms=("RS256",), jwks=setting.keys.jwks(),
            ),
        ),
    )  # fmt: skip
    return compile_snapshot(inputs).write()


def _contract(routes: int) -> dict[str, Json]:
    """Return the contract as OpenAPI 3.1."""
    scopes: Json = {world.SCOPE: "Read orders", world.OTHER_SCOPE: "Change orders"}
    flow: Json = {"tokenUrl": f"{world.ISSUER}/token", "scopes": scopes}
    paths: dict[str, Json] = {
        "/orders/{id}": _operation("getOrder", {"$ref": "#/components/schemas/Order"}),
        "/exports/{id}": _operation("getExport", {"$ref": "#/components/schemas/Export"}),
    }
    for number in range(routes):
        schema: Json = {"$ref": "#/components/schemas/Order"}
        paths[f"/area{number % 100}/kind{number}/{{id}}"] = _operation(f"get{number}", schema)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Orders", "version": "1.0.0"},
        "security": [{"oauth": [world.SCOPE]}],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"oauth": {"type": "oauth2", "flows": {"clientCredentials": flow}}},
        },
    }


def _operation(name: str, schema: Json) -> Json:
    identifier: Json = {
        "name": "id", "in": "path", "required": True,
        "schema": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$"},
    }  # fmt: skip
    answer: Json = {"description": "Found", "content": {"application/json": {"schema": schema}}}
    return {
        "get": {"operationId": name, "parameters": [identifier], "responses": {"200": answer}},
    }


def _schemas() -> Json:
    text: Json = {"type": "string"}

    def classified(category: str, sensitivity: str, **masking: Json) -> Json:
        kind: Json = {"category": category, "sensitivity": sensitivity, "masking": dict(masking)}
        return {"type": "string", "x-data-classification": kind}

    customer: Json = {
        "id": text,
        "name": classified("PII", "confidential", strategy="full"),
        "email": classified("contact", "confidential", strategy="partial"),
        "phone": classified("contact", "confidential", strategy="partial", keep=4),
    }
    line: Json = {
        "line": {"type": "integer"}, "sku": text, "text": text, "quantity": {"type": "integer"},
        "unit_price": text, "vat": {"type": "number"},
    }  # fmt: skip
    order: Json = {
        "id": text, "state": text, "currency": text, "total": text, "note": text,
        "margin": classified("financial", "restricted", strategy="remove"),
        "customer": {"type": "object", "properties": customer},
        "lines": {"type": "array", "items": {"type": "object", "properties": line}},
    }  # fmt: skip
    orders: Json = {"type": "array", "items": {"$ref": "#/components/schemas/Order"}}
    return {
        "Order": {"type": "object", "properties": order},
        "Export": {"type": "object", "properties": {"items": orders}},
    }
