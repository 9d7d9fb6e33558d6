"""The file: the topology as YAML, with a comment at every place that a person must look at."""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO
from typing import Any

from gatespan.adoption.reading import Mark


def written(data: dict[str, Any], marks: Iterable[Mark], head: Iterable[str]) -> str:
    """YAML text. A mark becomes a comment on the line of its place, or at the top when the place is not there."""
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    def commented(value: Any) -> Any:
        if isinstance(value, dict):
            return CommentedMap((k, commented(v)) for k, v in value.items())
        if isinstance(value, list | tuple):
            return CommentedSeq(commented(v) for v in value)
        return value

    root = commented(data)
    lines = list(head)
    for mark in marks:
        *way, last = mark.path
        try:
            place = root
            for step in way:
                place = place[step]
            place[last]
            place.yaml_set_comment_before_after_key(last, before=f"CHECK: {mark.why}", indent=2 * len(mark.path) - 2)
        except (KeyError, IndexError, TypeError):
            lines.append(f"CHECK: {'.'.join(map(str, mark.path))}: {mark.why}")
    yaml = YAML()
    yaml.width = 100_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = StringIO()
    yaml.dump(root, stream)
    return "".join(f"# {line}\n" for line in lines) + stream.getvalue()
