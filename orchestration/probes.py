"""Answers that stand outside any contract: readiness, and paths of nobody."""

import json

from starlette.types import Send

from orchestration.serving import Answer


async def send_answer(send: Send, answer: Answer) -> None:
    """Send a small JSON answer."""
    body = json.dumps(answer.body).encode()
    headers = [
        (b"content-type", answer.media_type.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
