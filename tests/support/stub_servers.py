"""The servers of `treaty up` as one small program: `stub_servers.py MODULE ARGUMENTS`."""

import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODULE, *ARGUMENTS = sys.argv[1:]
TROUBLE = json.loads(os.environ.get("STUB_TROUBLE", "{}"))


class Handler(BaseHTTPRequestHandler):
    def reply(self):
        if self.path == "/crash":
            os._exit(9)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = self.path.partition("?")[0]
        status, body = 200, {"items": [], "next": None, "secret": "trs_s", "access_token": "tok"}
        if path == "/psa/projects/v2/projects":
            body = {"items": [{"project_id": "PRJ-0001"}]}
        elif path == "/psa/projects/v1/projects":
            body = {"projects": [{"id": 1}]}
        elif "ready" in path and TROUBLE.get("unready") == MODULE:
            status = 503
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_DELETE = reply  # noqa: N815  # the names http.server looks for

    def log_message(self, *_):
        pass


def main():
    command = ARGUMENTS[0]
    print(f"stub {MODULE} {command} starts", file=sys.stderr, flush=True)
    if TROUBLE.get("fails") == f"{MODULE} {command}":
        print("it did not work out", file=sys.stderr)
        return 7
    if command == "bootstrap":
        first = "--rotate" in ARGUMENTS or not TROUBLE.get("known")
        token = "trt_admin" if first else None
        print(
            json.dumps(
                {"admin_token": token, "gateway_token": token, "login_path": "/login/link/x"}
            )
        )
    if command in ("bootstrap", "migrate"):
        return 0
    port = int(ARGUMENTS[ARGUMENTS.index("--port") + 1])
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    if TROUBLE.get("stubborn") == MODULE:
        import signal

        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    server.serve_forever()
    time.sleep(0)
    return 0


sys.exit(main())
