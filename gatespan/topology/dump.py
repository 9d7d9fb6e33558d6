"""From a `Topology` back to YAML text."""

from __future__ import annotations

from io import StringIO
from typing import Any

from gatespan.topology.models import Topology

# Line breaks and marks that YAML reads as something else unless they are escaped in double quotes.
_ESCAPED = frozenset("\x85\u2028\u2029\ufeff")


def dump(topology: Topology) -> str:
    """YAML text that loads to an equal topology; defaults are left out."""
    from ruamel.yaml import YAML
    from ruamel.yaml.representer import SafeRepresenter

    class Representer(SafeRepresenter):
        """A class of its own, since representers are registered on classes."""

    def text(representer: SafeRepresenter, data: str) -> Any:
        style = '"' if _ESCAPED.intersection(data) else None
        return representer.represent_scalar("tag:yaml.org,2002:str", data, style=style)

    Representer.add_representer(str, text)
    yaml = YAML(typ="safe", pure=True)
    yaml.Representer = Representer
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 10_000
    stream = StringIO()
    yaml.dump(topology.model_dump(by_alias=True, exclude_defaults=True, mode="json"), stream)
    return stream.getvalue()
