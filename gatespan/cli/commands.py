"""The commands that work on a topology: check, plan, apply, verify, checklist, destroy, schema."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gatespan.cli.cloud import app as cloud_app
from gatespan.cli.drift import drift
from gatespan.cli.options import (
    ApprovePurchases,
    AsJson,
    Ask,
    Cloud,
    File,
    LockTimeout,
    Markdown,
    Picture,
    Yes,
    load,
    open_engine,
)
from gatespan.cli.ways import adopt, export

if TYPE_CHECKING:
    from gatespan.cli.output import Output
    from gatespan.planning import Engine
    from gatespan.planning.money import Bill

app = typer.Typer(
    name="gatespan",
    help="One API gateway for every network: plan, build, prove, tear down. Start with: gatespan plan FILE",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(cloud_app, name="cloud")
app.command()(drift)
app.command()(adopt)
app.command()(export)


@app.command()
def check(file: File, cloud: Cloud = None, as_json: AsJson = False) -> None:
    """Check the file offline, then the cloud read-only. Exit 0 fine, 1 not."""
    from gatespan.cli.output import Output, told_plainly

    out = Output(as_json)
    with told_plainly(out):
        loaded = load(file)
        engine = open_engine(loaded, cloud, out)
        out.line(f"{file}: the file is in order.")
        from gatespan.planning.preflight import preflight

        findings = preflight(engine)
    styles = {"error": "bold red", "warning": "yellow", "note": ""}
    for finding in findings:
        out.line(f"  {finding.level}: {finding.text}", styles[finding.level])
    bad = [f for f in findings if f.level == "error"]
    out.line("Not ready: see the errors above." if bad else "Ready to apply.", "bold")
    out.document(
        {
            "ok": not bad,
            "topology": loaded.topology.name,
            "target": engine.cloud.target.name,
            "findings": [vars(f) for f in findings],
        }
    )
    raise typer.Exit(1 if bad else 0)


@app.command()
def plan(
    file: File,
    cloud: Cloud = None,
    as_json: AsJson = False,
    everything: Annotated[bool, typer.Option("--all", help="Also list what stays as it is.")] = False,
    destroy: Annotated[bool, typer.Option("--destroy", help="Show what destroy would remove.")] = False,
    markdown: Markdown = None,
) -> None:
    """Show what apply would do, what it costs first. Exit 0 nothing to do, 2 changes, 1 error. Changes nothing."""
    from gatespan.cli.output import Output, told_plainly
    from gatespan.planning.checklist import checklist as list_items
    from gatespan.planning.money import Bill, bill
    from gatespan.planning.whole import whole_plan, whole_removal
    from gatespan.report.markdown import plan_markdown
    from gatespan.report.terminal import show_bill, show_checklist, show_plan

    out = Output(as_json)
    with told_plainly(out):
        engine = open_engine(load(file), cloud, out)
        made = whole_removal(engine) if destroy else whole_plan(engine)
        cost = Bill(()) if destroy else bill(engine, made, now=engine.now())
        items = () if destroy else list_items(engine)
        if markdown:
            markdown.parent.mkdir(parents=True, exist_ok=True)
            markdown.write_text(plan_markdown(made, cost, items))
        show_bill(out.console, cost)
        show_plan(out.console, made, everything=everything)
        show_checklist(out.console, items)
    rest = {"cost": cost.to_json(), "checklist": [i.to_json() for i in items]}
    out.document({"ok": not made.blocked, **made.to_json(), **rest})
    raise typer.Exit(1 if made.blocked else 2 if made.changing else 0)


@app.command()
def apply(
    file: File,
    cloud: Cloud = None,
    yes: Yes = False,
    as_json: AsJson = False,
    picture: Picture = None,
    approve_purchases: ApprovePurchases = False,
    ask: Ask = False,
    verify: Annotated[bool, typer.Option("--verify/--no-verify", help="Send the verifying calls at the end.")] = True,
    lock_timeout: LockTimeout = 600,
) -> None:
    """Build what the file says, with the Prefect flow of its scenario, and prove it. Exit 0 done, 3 it waits for people
    outside the cloud, 4 done but for what must be bought, 1 not."""
    from gatespan.cli.flow import run_flow
    from gatespan.cli.output import Output, told_plainly
    from gatespan.planning.checklist import checklist as list_items
    from gatespan.planning.checklist import waits_for
    from gatespan.planning.money import bill
    from gatespan.planning.whole import whole_plan
    from gatespan.report.drawing import svg
    from gatespan.report.picture import text as picture_text
    from gatespan.report.terminal import show_bill, show_calls, show_checklist, show_plan

    out = Output(as_json)
    with told_plainly(out):
        loaded = load(file)
        engine = open_engine(loaded, cloud, out)
        made = whole_plan(engine)
        if made.blocked:
            show_plan(out.console, made)
            waits = waits_for(engine, made)
            if waits:
                raise _waiting(out, engine, "Nothing was changed. " + " ".join(c.why for c in waits), made.to_json())
            raise out.fail("Nothing was changed.", plan=made.to_json())
        cost = bill(engine, made, now=engine.now())
        if made.changing:
            show_bill(out.console, cost)
            show_plan(out.console, made)
            _ask(engine, yes, f"Make these {len(made.changing)} changes on {engine.cloud.target.name}?")
            buy = _may_buy(engine, cost, approve_purchases, ask)
            proves = verify and bool(loaded.topology.verify)
            flow = loaded.topology.flow
            result = run_flow(flow, file, cloud, out, verify=proves, lock=lock_timeout, approve="yes" if buy else "no")
            if result.waiting:
                raise _waiting(out, engine, result.message, made.to_json())
            if result.not_bought:
                text = f"{result.message}\nTo buy it, run the same command with --approve-purchases."
                raise out.fail(text, code=4, not_bought=True, plan=made.to_json(), cost=cost.to_json())
            calls, ok, message = result.calls, result.ok, result.message
            url = result.flow_run_url
        else:
            out.line("No changes. The cloud is as the topology says.", "bold")
            calls = _verify(engine) if verify else ()
            ok, message, url = all(c.ok for c in calls), "", None
        if calls:
            out.line("\nCalls", "bold")
            show_calls(out.console, calls)
        items = list_items(engine)
        show_checklist(out.console, items)
        if ok:
            out.line("\n" + picture_text(loaded.topology) + "\n")
        if picture:
            picture.parent.mkdir(parents=True, exist_ok=True)
            picture.write_text(svg(loaded.topology))
            out.line(f"Picture: {picture}")
    if not ok:
        message = message or "A call did not come back as expected."
        raise out.fail(message, calls=[c.to_json() for c in calls], checklist=[i.to_json() for i in items])
    done = f"{len(made.changing)} changes made." if made.changing else "Nothing was changed."
    proof = f" {len(calls)} of {len(calls)} calls passed." if calls else ""
    out.line(done + proof, "bold green")
    if url:
        out.line(f"The run in the Prefect UI: {url}")
    out.document(
        {
            "ok": True,
            "target": made.target,
            "topology": made.topology,
            "changed": len(made.changing),
            "plan": made.to_json(),
            "cost": cost.to_json(),
            "calls": [c.to_json() for c in calls],
            "checklist": [i.to_json() for i in items],
            "flow_run_url": url,
        }
    )


@app.command()
def verify(file: File, cloud: Cloud = None, as_json: AsJson = False) -> None:
    """Send the verifying calls from their seats. Exit 0 all as expected, 1 not."""
    from gatespan.cli.output import Output, told_plainly
    from gatespan.report.terminal import show_calls

    out = Output(as_json)
    with told_plainly(out):
        loaded = load(file)
        if not loaded.topology.verify:
            raise out.fail(f"{file}: names no call to verify. Add one under `verify:`.")
        engine = open_engine(loaded, cloud, out)
        calls = _verify(engine)
        show_calls(out.console, calls)
    passed = sum(c.ok for c in calls)
    ok = passed == len(calls)
    out.line(f"{passed} of {len(calls)} calls passed.", "bold green" if ok else "bold red")
    out.document({"ok": ok, "target": engine.cloud.target.name, "calls": [c.to_json() for c in calls]})
    raise typer.Exit(0 if ok else 1)


@app.command()
def checklist(file: File, cloud: Cloud = None, as_json: AsJson = False) -> None:
    """List what only people can do: circuit, site router, firewall, name server, with exact values. Changes nothing."""
    from gatespan.cli.output import Output, told_plainly
    from gatespan.planning.checklist import checklist as list_items
    from gatespan.report.terminal import show_checklist
    from gatespan.report.words import checklist_summary

    out = Output(as_json)
    with told_plainly(out):
        engine = open_engine(load(file), cloud, out)
        items = list_items(engine)
    show_checklist(out.console, items)
    if not items:
        out.line(checklist_summary(items))
    out.document(
        {
            "ok": True,
            "target": engine.cloud.target.name,
            "topology": engine.topology,
            "checklist": [i.to_json() for i in items],
        }
    )


@app.command()
def destroy(
    file: File, cloud: Cloud = None, yes: Yes = False, as_json: AsJson = False, lock_timeout: LockTimeout = 600
) -> None:
    """Remove what this topology made, in the reverse order, and prove that it is gone; say what still bills and what
    was left on purpose. Exit 0 gone, 1 not."""
    from gatespan.cli.flow import run_flow
    from gatespan.cli.output import Output, told_plainly
    from gatespan.planning.teardown import proof
    from gatespan.planning.whole import whole_removal
    from gatespan.report.terminal import show_plan

    out = Output(as_json)
    with told_plainly(out):
        engine = open_engine(load(file), cloud, out)
        made = whole_removal(engine)
        show_plan(out.console, made)
        if made.changing:
            _ask(engine, yes, f"Remove these {len(made.changing)} things on {engine.cloud.target.name}?")
            result = run_flow("teardown", file, cloud, out, verify=False, lock=lock_timeout)
            if not result.ok:
                raise out.fail(result.message or "The removal did not finish. Run it again to go on.")
        proven = proof(engine)
    for line in proven.lines():
        out.line(line)
    if not proven.ok:
        raise out.fail("Run destroy again.", proof=proven.to_json())
    out.line("Gone." if proven.complete else "Gone, but for what still bills.", "bold green")
    out.document(
        {
            "ok": True,
            "target": made.target,
            "topology": made.topology,
            "removed": len(made.changing),
            "proof": proven.to_json(),
        }
    )


@app.command()
def schema() -> None:
    """Print the JSON Schema of the topology file, for editors."""
    from gatespan.topology import json_schema

    sys.stdout.write(json.dumps(json_schema(), indent=2) + "\n")


def _waiting(out: Output, engine: Engine, message: str, plan: dict[str, Any]) -> typer.Exit:
    """Say what it waits for, with the checklist; exit code 3."""
    from gatespan.planning.checklist import checklist as list_items
    from gatespan.report.terminal import show_checklist

    items = list_items(engine)
    show_checklist(out.console, items)
    start = "Waiting for people:"
    text = message if message.startswith(start) else f"{start} {message}"
    text += "\nOnce that is done, run the same command again: it goes on from there."
    return out.fail(text, code=3, waiting=True, plan=plan, checklist=[i.to_json() for i in items])


def _verify(engine: Engine) -> tuple[Any, ...]:
    from gatespan.trace.live import verify as send

    return send(engine.design, engine.cloud, engine.addresses())


def _may_buy(engine: Engine, cost: Bill, approved: bool, ask: bool) -> bool:
    """Whether to buy what costs money: after a yes. The embedded cloud's money is play money, so it needs none unless
    it is asked for. Where nobody can be asked it is a no, and all else is built."""
    from gatespan.report.words import purchase

    if approved or not (ask or engine.cloud.target.kind == "alibaba"):
        return True
    if not cost.purchases or not sys.stdin.isatty():
        return False
    what = "".join(f"\n  {purchase(one)}" for one in cost.purchases)
    return typer.confirm(f"Buy this on {engine.cloud.target.name}?{what}\nWithout it the rest is built.", default=False)


def _ask(engine: Engine, yes: bool, question: str) -> None:
    """A real account is changed only after a yes; the embedded cloud needs none."""
    if yes or engine.cloud.target.kind != "alibaba":
        return
    if not sys.stdin.isatty():
        raise typer.BadParameter("this would change a real account and nobody can be asked: give --yes")
    if not typer.confirm(question, default=False):
        raise typer.Exit(1)
