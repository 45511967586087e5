"""AsyncAPI documents: the members that must be there, and channels without a message."""

from contracts import pointer as jp
from contracts.formats.detect import ASYNCAPI_2
from contracts.model import Contract
from contracts.validate.issue import Issues


def check(issues: Issues, contract: Contract) -> None:
    """Note what AsyncAPI 2.6 and 3.0 require of the root, and flows without any message."""
    root = contract.document.root
    wanted = ("info", "channels") if contract.dialect == ASYNCAPI_2 else ("info",)
    members = root if isinstance(root, dict) else {}
    for name in wanted:
        if not isinstance(members.get(name), dict):
            issues.add("missing-member", f"The document lacks '{name}'.", "", name)
    info = members.get("info")
    for name in ("title", "version"):
        if isinstance(info, dict) and name not in info:
            issues.add("missing-member", f"'info' lacks '{name}'.", "/info", name)
    for channel in contract.channels:
        for flow in channel.flows:
            if not flow.messages:
                sentence = f"'{flow.name[:100]}' names no message that can be read."
                issues.add("message-missing", sentence, jp.join(flow.node.pointer))
