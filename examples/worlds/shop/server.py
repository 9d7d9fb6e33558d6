"""A back end as small as one can be, for hosts of data centres and ECS machines: orders, stock and prices of a shop.

    GET  /orders         {"served_by": "orders-1", "orders": [...]}
    GET  /orders/1001    {"served_by": "orders-1", "order": {...}}; also /orders/latest
    POST /orders         {"served_by": "orders-1", "accepted": {...}}, status 201
    GET  /stock, /stock/espresso, /prices, /prices/espresso

The first argument is the name that it answers with. It listens on the loopback port that it finds in PORT. Every
answer says in ``caller`` who the gateway said the caller is. Standard library alone.
"""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

NAME = sys.argv[1] if len(sys.argv) > 1 else "shop"
ORDERS = {
    "1001": {"number": "1001", "item": "espresso", "pieces": 12},
    "1002": {"number": "1002", "item": "lungo", "pieces": 3},
}
LISTS: dict[str, dict[str, object]] = {
    "stock": {"espresso": 840, "lungo": 120},
    "prices": {"espresso": "2.10", "lungo": "2.40"},
}
LARGEST_BODY = 1 << 20


class Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        kind, _, key = urlsplit(self.path).path.strip("/").partition("/")
        if kind == "orders":
            self.answer_order(key)
        elif kind in LISTS and not key:
            self.answer(200, {kind: LISTS[kind]})
        elif kind in LISTS and key in LISTS[kind]:
            self.answer(200, {"item": key, kind: LISTS[kind][key]})
        else:
            self.answer(404, {"message": f"{NAME} has no /{kind}/{key}".rstrip("/")})

    def answer_order(self, number: str) -> None:
        number = max(ORDERS) if number == "latest" else number
        if not number:
            self.answer(200, {"orders": list(ORDERS.values())})
        elif number in ORDERS:
            self.answer(200, {"order": ORDERS[number]})
        else:
            self.answer(404, {"message": f"there is no order {number}"})

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            self.answer(413, {"message": f"at most {LARGEST_BODY} bytes, with a Content-Length"})
            self.close_connection = True
            return
        body = self.rfile.read(int(length))
        try:
            order = json.loads(body)
        except ValueError:
            self.answer(400, {"message": "the order must be JSON"})
            return
        if urlsplit(self.path).path == "/orders":
            self.answer(201, {"accepted": order})
        else:
            self.answer(404, {"message": f"{NAME} takes orders at /orders only"})

    def answer(self, status: int, said: dict[str, object]) -> None:
        caller = self.headers.get("X-Forwarded-For", self.client_address[0])
        body = json.dumps({"served_by": NAME, **said, "caller": caller}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """One line per request would drown what matters."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Shop).serve_forever()
