"""The bytes of an answer: JSON, or XML for V1 callers that did not ask for JSON; success and refusal alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

import orjson

from gatespan.emulator.errors import CloudError

JSON_TYPE = b"application/json;charset=utf-8"
XML_TYPE = b"text/xml;charset=utf-8"
_RECOMMEND = "https://error-center.aliyun.com/status/search?Keyword={}&source=PopGw"


def json_bytes(value: Any) -> bytes:
    return orjson.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"not JSON: {type(value).__name__}")


def refusal(error: CloudError, request_id: str, host: str, *, roa: bool) -> dict[str, Any]:
    """The error envelope. RPC products name host and recommendation, FC only request id, code and message."""
    if roa:
        return {"RequestId": request_id, "Code": error.code, "Message": error.message, **error.extra}
    return {
        "RequestId": request_id,
        "HostId": host,
        "Code": error.code,
        "Message": error.message,
        "Recommend": _RECOMMEND.format(error.code),
        **error.extra,
    }


def xml_bytes(root: str, value: Mapping[str, Any]) -> bytes:
    """``<root>…</root>``: a list repeats its element, as the products' XML answers do."""
    return f'<?xml version="1.0" encoding="UTF-8"?>{_element(root, value)}'.encode()


def _element(name: str, value: Any) -> str:
    if isinstance(value, list | tuple):
        return "".join([_element(name, item) for item in value])
    if isinstance(value, Mapping):
        inner = "".join([_element(k, v) for k, v in value.items()])
    elif isinstance(value, bool):
        inner = "true" if value else "false"
    else:
        inner = "" if value is None else escape(str(value))
    return f"<{name}>{inner}</{name}>"
