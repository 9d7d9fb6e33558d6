"""A web function that works something out: what some pieces of an item cost.

    GET /quote?item=espresso&pieces=12   {"item": "espresso", "pieces": 12, "total": "25.20"}

It listens where the function service tells it to: port FC_SERVER_PORT (default 9000), address FC_SERVER_HOST
(default 127.0.0.1; 0.0.0.0 must be asked for). Standard library alone.
"""

import json
import os
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PRICES = {"espresso": Decimal("2.10"), "lungo": Decimal("2.40")}


class Quote(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        asked = {name: values[-1] for name, values in parse_qs(urlsplit(self.path).query).items()}
        item, pieces = asked.get("item", ""), asked.get("pieces", "1")
        if item not in PRICES:
            self.answer(404, {"message": f"item is one of {', '.join(PRICES)}"})
        elif not (pieces.isascii() and pieces.isdigit() and 0 < int(pieces[:9]) < 10**6):
            self.answer(400, {"message": "pieces is a number from 1 to 999999"})
        else:
            self.answer(200, {"item": item, "pieces": int(pieces), "total": f"{PRICES[item] * int(pieces):.2f}"})

    def answer(self, status: int, said: dict[str, object]) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """One line per request would drown what matters."""


if __name__ == "__main__":
    address = (os.environ.get("FC_SERVER_HOST", "127.0.0.1"), int(os.environ.get("FC_SERVER_PORT", "9000")))
    ThreadingHTTPServer(address, Quote).serve_forever()
