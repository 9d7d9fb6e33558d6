"""The way in and the way out: from an account to a topology file, and from what was built to Terraform."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gatespan.cli.options import AsJson, Cloud, File, load, open_door, open_engine

Target = Annotated[
    Path | None, typer.Option("--out", "-o", help="Write to this file instead of stdout.", show_default=False)
]


class Format(StrEnum):
    """What can be exported to."""

    TERRAFORM = "terraform"


def adopt(
    gateway: Annotated[str, typer.Option(help="Id or exact name of the dedicated gateway instance.")],
    region: Annotated[str, typer.Option(help="Region of the gateway instance.")],
    cen: Annotated[
        str | None, typer.Option(help="Id of the CEN, when the hub is in several.", show_default=False)
    ] = None,
    name: Annotated[str, typer.Option(help="Name of the topology.")] = "adopted",
    out: Target = None,
    cloud: Cloud = None,
    as_json: AsJson = False,
) -> None:
    """Read an account and write the topology file that describes what is there. Changes nothing."""
    from gatespan.adoption import NotAdoptable
    from gatespan.adoption import adopt as read
    from gatespan.cli.output import Output, told_plainly

    output = Output(as_json, aside=out is None)
    with told_plainly(output):
        try:
            found = read(open_door(cloud, output), name=name, region=region, gateway=gateway, cen=cen)
        except NotAdoptable as why:
            raise output.fail(str(why)) from None
        _write(found.text, out, as_json)
    for mark in found.marks:
        output.line(f"  check {'.'.join(map(str, mark.path))}: {mark.why}", "yellow")
    if out:
        output.line(f"Written: {out}. See what it says with: gatespan plan {out}", "bold")
    marks = [{"path": ".".join(map(str, m.path)), "why": m.why} for m in found.marks]
    output.document({"ok": True, "topology": found.text, "marks": marks})


def export(
    format: Annotated[Format, typer.Argument(help="What to write.")],
    file: File,
    out: Target = None,
    cloud: Cloud = None,
    as_json: AsJson = False,
) -> None:
    """Write what was built as import blocks and resource stubs for the Terraform provider. Changes nothing."""
    from gatespan.cli.output import Output, told_plainly
    from gatespan.report.terraform import export as written

    output = Output(as_json, aside=out is None)
    with told_plainly(output):
        made = written(open_engine(load(file), cloud, output))
        _write(made.text, out, as_json)
    for what, why in made.left:
        output.line(f"  not in the file: {what}: {why}", "yellow")
    if out:
        output.line(f"{made.exported} resources written to {out}.", "bold")
    output.document(
        {"ok": True, "format": str(format), "text": made.text, "exported": made.exported, "left": made.left}
    )


def _write(text: str, out: Path | None, as_json: bool) -> None:
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text)
    elif not as_json:
        sys.stdout.write(text)
