"""A web function as small as one can be: it says hello, and can answer with N bytes to measure a link.

    GET /any/path            {"message": "hello from the function", "path": "/any/path", "region": ..., "caller": ...}
    GET /any/path?size=1000  1000 bytes of text

It listens where the function service tells it to: port FC_SERVER_PORT (default 9000), address FC_SERVER_HOST
(default 127.0.0.1; 0.0.0.0 must be asked for). Standard library alone.
"""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

LARGEST_ANSWER = 64 << 20
LINE = b"gatespan measures this link with lines of sixty-four characters\n"


class Hello(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        size = parse_qs(url.query).get("size", [""])[-1]
        if not size:
            self.answer_json(200, self.greeting(url.path))
        elif size.isascii() and size.isdigit() and int(size) <= LARGEST_ANSWER:
            self.answer(200, "text/plain; charset=utf-8", (LINE * (int(size) // len(LINE) + 1))[: int(size)])
        else:
            self.answer_json(400, {"message": f"size must be a number from 0 to {LARGEST_ANSWER}"})

    def greeting(self, path: str) -> dict[str, str]:
        return {
            "message": "hello from the function",
            "path": path,
            "region": os.environ.get("FC_REGION", ""),
            "caller": self.headers.get("X-Forwarded-For", self.client_address[0]),
        }

    def answer_json(self, status: int, body: dict[str, str]) -> None:
        self.answer(status, "application/json", json.dumps(body).encode())

    def answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """One line per request would drown what matters."""


if __name__ == "__main__":
    address = (os.environ.get("FC_SERVER_HOST", "127.0.0.1"), int(os.environ.get("FC_SERVER_PORT", "9000")))
    ThreadingHTTPServer(address, Hello).serve_forever()
