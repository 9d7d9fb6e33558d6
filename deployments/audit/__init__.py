"""From the cloud's audit trail to Prefect's events: who changed what by hand is looked at within seconds.

A record of the ActionTrail service (alone, in a list, or as ``data`` of an EventBridge envelope) becomes one event
``gatespan.cloud.changed``, whose related resources are all ids of cloud things that the record mentions anywhere:
neither the names of services nor the lists of resources in it are reliable enough to filter by (vendor's samples
differ). The automation ``cloud-changed`` runs the flow ``drift`` for the topologies that hold one of them.

Left out, with the reason: reads, refused calls, dry runs, calls that Gatespan made itself, and what is too old to tell
anything that the hourly run would not see anyway.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

EVENT = "gatespan.cloud.changed"
OLDEST = timedelta(hours=1)
OURS = "gatespan"
"""In the user agent of every call that Gatespan makes."""
ID = re.compile(
    r"\b(?:(?:cen|tr|tr-attach|vtb|rte|cenbwp|vpc|vsw|vbr|pc|ri|bgpg|bgp|apigateway)-[A-Za-z0-9-]{6,}|[0-9a-f]{32})\b"
)
"""How ids of the things that a topology is made of look (API gateway: 32 hexadecimal digits)."""
NOT_SENT = ("accesskeyid", "useragent", "requestid", "clienttoken")


@dataclass(frozen=True)
class Read:
    """``events``: to be posted. ``left``: event id and why it was left out."""

    events: tuple[dict[str, Any], ...]
    left: tuple[tuple[str, str], ...]


def read(text: str, now: datetime) -> Read:
    """Events of all records in the text: JSON, one record, a list, or one per line. Raises ValueError."""
    events: dict[str, dict[str, Any]] = {}
    left: list[tuple[str, str]] = []
    for record in _records(_parsed(text)):
        fields = {str(k).lower(): v for k, v in record.items()}
        why = _left_out(fields, now)
        if why:
            left.append((str(fields.get("eventid", "?")), why))
        else:
            made = _event(fields)
            events[made["id"]] = made
    return Read(tuple(events.values()), tuple(left))


def _parsed(text: str) -> Iterator[Any]:
    try:
        yield json.loads(text)
    except ValueError:
        for number, line in enumerate(filter(str.strip, text.splitlines()), 1):
            try:
                yield json.loads(line)
            except ValueError as error:
                raise ValueError(f"line {number} is not JSON: {error}") from None


def _records(values: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    """The records, out of lists, ``{"Records": []}`` and EventBridge envelopes. Names differ in their first letter."""
    for value in values:
        if isinstance(value, list):
            yield from _records(value)
        elif isinstance(value, Mapping):
            fields = {str(k).lower(): v for k, v in value.items()}
            inner = fields.get("records", fields.get("events", fields.get("data")))
            if "eventname" in fields:
                yield value
            elif inner is not None:
                yield from _records([inner])
            else:
                raise ValueError(f"no audit record: it has neither eventName nor data: {json.dumps(value)[:200]}")
        else:
            raise ValueError(f"no audit record: {json.dumps(value)[:200]}")


def _left_out(fields: Mapping[str, Any], now: datetime) -> str:
    """Why the record says nothing about drift; empty when it may."""
    parameters = {str(k).lower(): v for k, v in (fields.get("requestparameters") or {}).items()}
    if str(fields.get("eventrw", "Write")).lower() == "read":
        return "a read"
    if fields.get("errorcode"):
        return f"refused by the cloud ({fields['errorcode']})"
    if str(parameters.get("dryrun", "")).lower() == "true":
        return "a dry run"
    if OURS in str(fields.get("useragent", "")).lower():
        return "Gatespan's own call"
    if now - _time(fields) > OLDEST:
        return f"older than {OLDEST}"
    return ""


def _time(fields: Mapping[str, Any]) -> datetime:
    text = str(fields.get("eventtime", ""))
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise ValueError(f"record {fields.get('eventid')}: eventTime {text!r} is no time") from None


def _event(fields: Mapping[str, Any]) -> dict[str, Any]:
    """One event of Prefect. The id of the record is its id: delivered twice, it fires once."""
    given = str(fields.get("eventid", ""))
    try:
        id = str(uuid.UUID(given))
    except ValueError:
        id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"actiontrail/{given}"))
    kept = {k: v for k, v in fields.items() if k not in NOT_SENT}
    ids = sorted(set(ID.findall(json.dumps(kept))))
    identity = {str(k).lower(): v for k, v in (fields.get("useridentity") or {}).items()}
    account = str(fields.get("recipientaccountid") or identity.get("accountid") or "unknown")
    return {
        "id": id,
        "occurred": _time(fields).isoformat(),
        "event": EVENT,
        "resource": {"prefect.resource.id": f"alibaba-cloud.account.{account}", "prefect.resource.name": account},
        "related": [{"prefect.resource.id": f"alibaba-cloud.{id}", "prefect.resource.role": "thing"} for id in ids],
        "payload": {
            "action": fields["eventname"],
            "service": fields.get("servicename"),
            "region": fields.get("acsregion"),
            "who": identity.get("username") or identity.get("type"),
            "from": fields.get("sourceipaddress"),
            "ids": ids,
        },
    }
