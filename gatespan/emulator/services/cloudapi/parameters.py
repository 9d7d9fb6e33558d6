"""The parameter arrays of an API definition: what callers send, what the back end gets, how the two are mapped.

Terraform folds constants and system parameters into the service parameters by their ``ParameterCatalog``; answers
list them apart, so they are unfolded here.
"""

from __future__ import annotations

from typing import Any

from gatespan.emulator.params import Params
from gatespan.emulator.services.cloudapi.errors import invalid, missing
from gatespan.emulator.services.cloudapi.fields import ARRAYS, spell

Row = dict[str, Any]

NUMBERS = ("DocOrder", "MaxLength", "MinLength", "MaxValue", "MinValue")
BOOLEANS = ("HasChild", "Mandatory")
LOCATIONS = ("BODY", "HEAD", "QUERY", "PATH")


def parameters(params: Params) -> dict[str, list[Row]]:
    """Every array by its parameter name; those not given are empty."""
    arrays = {name: _array(params, name) for name in ARRAYS}
    _unfold(arrays)
    return arrays


def _array(params: Params, name: str) -> list[Row]:
    raw = params.document(name, [])
    if not isinstance(raw, list) or not all(isinstance(row, dict) for row in raw):
        raise invalid(name, params.flat.get(name, ""), "It must be a JSON array of objects.")
    return [_row(row, name) for row in raw]


def _row(raw: Row, name: str) -> Row:
    row = spell(raw, ARRAYS[name])
    if not row.get(key := ARRAYS[name][0]):
        raise missing(key)
    for field, value in row.items():
        row[field] = _value(field, value)
    if name == "RequestParameters":
        row.setdefault("Location", "QUERY")
        row.setdefault("ParameterType", "String")
        row["Required"] = str(row.get("Required", "OPTIONAL")).upper()
        if row["Required"] not in ("REQUIRED", "OPTIONAL"):
            raise invalid("Required", row["Required"])
    return row


def _value(field: str, value: Any) -> Any:
    try:
        if field in NUMBERS:
            return int(value)
    except (TypeError, ValueError):
        raise invalid(field, str(value)) from None
    if field in BOOLEANS:
        return str(value).lower() == "true"
    if field == "Location":
        place = "HEAD" if str(value).upper() == "HEADER" else str(value).upper()
        if place not in LOCATIONS:
            raise invalid("Location", str(value))
        return place
    return str(value)


def _unfold(arrays: dict[str, list[Row]]) -> None:
    """Move CONSTANT and SYSTEM service parameters, with their request parameters and mappings, to their own lists."""
    pairs = arrays["ServiceParametersMap"]
    sources = {str(row.get("ServiceParameterName", "")): str(row["RequestParameterName"]) for row in pairs}
    asked = {row["ApiParameterName"]: row for row in arrays["RequestParameters"]}
    names, asked_names = set(), set()
    for row in arrays["ServiceParameters"]:
        catalog = row.pop("ParameterCatalog", "REQUEST").upper()
        name = row["ServiceParameterName"]
        source = sources.get(name, name)
        place = {"ServiceParameterName": name, "Location": row.get("Location", "QUERY")}
        if catalog == "CONSTANT":
            value = asked.get(source, {})
            more = {"ConstantValue": value.get("DefaultValue", ""), "Description": value.get("Description", "")}
            arrays["ConstantParameters"].append({**place, **more})
        elif catalog == "SYSTEM":
            arrays["SystemParameters"].append({"ParameterName": source, **place})
        else:
            continue
        names.add(name)
        asked_names.add(source)
    for array in ("ServiceParameters", "ServiceParametersMap"):
        arrays[array] = [row for row in arrays[array] if row.get("ServiceParameterName") not in names]
    arrays["RequestParameters"] = [p for p in arrays["RequestParameters"] if p["ApiParameterName"] not in asked_names]
