"""JSON Schema of the topology file, for editors (completion, hover texts, red lines while typing)."""

from __future__ import annotations

from typing import Any

from gatespan.topology.models import Topology


def json_schema() -> dict[str, Any]:
    """Draft 2020-12. It knows shapes and limits; the rules between parts are the loader's."""
    schema = Topology.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "Gatespan topology",
    }
