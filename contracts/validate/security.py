"""Security requirements: every scheme and every scope they name must be declared."""

from collections.abc import Mapping

from contracts import pointer as jp
from contracts.document import Json
from contracts.model import Contract, Node
from contracts.validate.issue import Issues


def check(issues: Issues, contract: Contract) -> None:
    """Note requirements that name an undeclared scheme or scope."""
    nodes = [operation.security.node for operation in contract.operations]
    if isinstance(root := contract.document.root, dict) and "security" in root:
        nodes.append(Node("/security", root["security"]))
    for node in {node.pointer: node for node in nodes}.values():
        if isinstance(node.value, list):
            for index, requirement in enumerate(node.value):
                if isinstance(requirement, dict):
                    _requirement(issues, contract, jp.join(node.pointer, index), requirement)


def _requirement(
    issues: Issues, contract: Contract, pointer: str, requirement: Mapping[str, Json]
) -> None:
    for name, scopes in requirement.items():
        at = jp.join(pointer, name)
        scheme = contract.security_schemes.get(name)
        if scheme is None:
            sentence = f"No security scheme is declared as '{name[:100]}'."
            issues.add("unknown-security-scheme", sentence, at)
            continue
        declared = _scopes(scheme)
        if declared is None or not isinstance(scopes, list):
            continue
        for index, scope in enumerate(scopes):
            if isinstance(scope, str) and scope not in declared:
                sentence = f"The scheme '{name[:100]}' declares no scope '{scope[:100]}'."
                issues.add("unknown-scope", sentence, jp.join(at, index), scope)


def _scopes(scheme: Node) -> set[str] | None:
    """Return the scopes of an OAuth 2 scheme over all its flows; None when it has no such list."""
    value = scheme.value if isinstance(scheme.value, dict) else {}
    flows = value.get("flows")
    if value.get("type") != "oauth2" or not isinstance(flows, dict):
        return None
    found: set[str] = set()
    for flow in flows.values():
        if isinstance(flow, dict) and isinstance(scopes := flow.get("scopes"), dict):
            found |= set(scopes)
    return found
