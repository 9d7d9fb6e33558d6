"""``gatespan cloud``: the embedded cloud of this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from gatespan.cli.output import Output

app = typer.Typer(
    help="The embedded cloud: start, stop, look into it, call from inside it.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
World = Annotated[Path, typer.Argument(help="A world file (YAML), or the name of a packaged one.", show_default=False)]


@app.command()
def start(
    world: Annotated[Path | None, typer.Option("--world", help="World file, or name of a packaged one.")] = None,
    latency: Annotated[str, typer.Option("--latency", help="none, fast, realistic, or reads:N.")] = "fast",
    port: Annotated[int | None, typer.Option("--port", help="First port; default 8750.")] = None,
    as_json: AsJson = False,
) -> None:
    """Start it in the background; its world is kept in a file of GATESPAN_HOME."""
    out, home = _out(as_json)
    from gatespan import local_cloud
    from gatespan.cli.output import told_plainly

    with told_plainly(out):
        before = local_cloud.find(home)
        if before is not None and (world or port):
            raise out.fail("It runs already: stop it first, or use `gatespan cloud seed`.")
        cloud = before or local_cloud.start(home, world=_found(world), latency=latency, port=port)
    out.line(f"The embedded cloud {'runs already' if before else 'is started'}: {cloud.url}", "bold")
    _table(out, cloud.health)
    out.document({"ok": True, "started": before is None, "url": cloud.url, **cloud.health})


@app.command()
def stop(as_json: AsJson = False) -> None:
    """Stop it. The world stays in its file."""
    out, home = _out(as_json)
    from gatespan import local_cloud
    from gatespan.cli.output import told_plainly

    with told_plainly(out):
        stopped = local_cloud.stop(home)
    out.line("The embedded cloud is stopped; its world is kept." if stopped else "No embedded cloud was running.")
    out.document({"ok": True, "stopped": stopped})


@app.command()
def status(as_json: AsJson = False) -> None:
    """Say where it runs and what is in it. Exit 0 running, 1 not."""
    out, home = _out(as_json)
    from gatespan import local_cloud
    from gatespan.cli.output import told_plainly

    with told_plainly(out):
        cloud = local_cloud.find(home)
        if cloud is None:
            raise out.fail("No embedded cloud is running. Start it with: gatespan cloud start", running=False)
        state = local_cloud.control(cloud.url, "state")
    counts = {kind: len(things) for kind, things in state.items() if isinstance(things, list) and things}
    out.line(f"The embedded cloud runs: {cloud.url} (process {cloud.pid})", "bold")
    _table(out, cloud.health)
    out.line("Holds: " + ", ".join(f"{n} {kind}" for kind, n in counts.items()))
    out.document({"ok": True, "running": True, "url": cloud.url, "holds": counts, **cloud.health})


@app.command()
def reset(as_json: AsJson = False) -> None:
    """Put the world back to its beginning."""
    out, _ = _out(as_json)
    _control(out, "reset", {})
    out.line("The world is as it was at its beginning.")
    out.document({"ok": True})


@app.command()
def seed(world: World, as_json: AsJson = False) -> None:
    """Replace the world by the one in the file."""
    out, _ = _out(as_json)
    asked = {"path": str(world.resolve())} if world.exists() else {"world": str(world)}
    said = _control(out, "seed", asked)
    out.line(f"The world is now {said['world']}.")
    out.document({"ok": True, "world": said["world"]})


@app.command()
def use(world: World, as_json: AsJson = False) -> None:
    """Go to the world of the file, starting the cloud where needed. Every world keeps its own data: nothing is lost."""
    out, home = _out(as_json)
    from gatespan.cli import worlds
    from gatespan.cli.output import told_plainly

    with told_plainly(out):
        used = worlds.use(home, world)
    out.line(f"The embedded cloud runs the world {used.world}: {used.cloud.url}", "bold")
    if used.left:
        again = f"gatespan cloud use brings it back; gatespan cloud reset puts {used.world} back to its beginning"
        out.line(f"The world {used.left} was put aside with all that was built in it ({again}).")
    out.document({"ok": True, "world": used.world, "left": used.left, "url": used.cloud.url})


@app.command()
def coverage(as_json: AsJson = False) -> None:
    """List the emulated actions, product by product, made from the code."""
    out, _ = _out(as_json)
    document = _control(out, "coverage")
    for product in document["products"]:
        out.line(f"\n{product['product']} {product['version']} ({len(product['actions'])} actions)", "bold")
        out.line("  " + ", ".join(a["name"] if isinstance(a, dict) else a for a in product["actions"]))
    if document.get("missing"):
        out.line("\nAsked for and missing", "bold")
        for name, count in document["missing"].items():
            out.line(f"  {name} ({count} times)")
    out.document({"ok": True, **document})


@app.command()
def curl(
    url: Annotated[str, typer.Argument(help="http://<VPC domain>/path", show_default=False)],
    seat: Annotated[str, typer.Option("--from", help="The machine that calls, e.g. ecs-3.", show_default=False)],
    method: Annotated[str, typer.Option("--request", "-X", help="HTTP method.")] = "GET",
    header: Annotated[list[str] | None, typer.Option("--header", "-H", help="Name: value; may be repeated.")] = None,
    data: Annotated[str | None, typer.Option("--data", "-d", help="Body of the request.")] = None,
    include: Annotated[bool, typer.Option("--include", "-i", help="Show status and headers too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Send an HTTP request from a seat inside the cloud. Exit 0 for a status below 400, 1 otherwise."""
    out, home = _out(as_json)
    import httpx

    from gatespan import local_cloud
    from gatespan.cli.output import told_plainly

    with told_plainly(out):
        cloud = local_cloud.find(home) or local_cloud.start(home)
    bad = [h for h in header or () if ":" not in h]
    if bad:
        raise out.fail(f"--header {bad[0]!r}: write it as Name: value.")
    headers = {k.strip(): v.strip() for k, _, v in (h.partition(":") for h in header or ())}
    try:
        with httpx.Client(proxy=f"http://{seat}:x@{cloud.health['proxy']}", timeout=60, trust_env=False) as client:
            answer = client.request(method, url, headers=headers, content=data)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise out.fail(f"{seat}: no answer from {url}: {error or type(error).__name__}") from None
    if include and not as_json:
        out.line(f"HTTP {answer.status_code} {answer.reason_phrase}", "bold")
        for name, value in answer.headers.items():
            out.line(f"{name}: {value}")
        out.line()
    if not as_json:
        typer.echo(answer.text, nl=not answer.text.endswith("\n"))
    document = {"status": answer.status_code, "headers": dict(answer.headers), "body": answer.text}
    out.document({"ok": answer.status_code < 400, "from": seat, "url": url, **document})
    raise typer.Exit(0 if answer.status_code < 400 else 1)


def _out(as_json: bool) -> tuple[Output, Path]:
    from gatespan.cli.output import Output
    from gatespan.settings import Settings

    return Output(as_json), Settings().home


def _found(world: Path | None) -> Path | None:
    """The file, wherever the cloud is started; what is no file is left for the cloud to know by name."""
    return world.resolve() if world and world.exists() else world


def _control(out: Output, path: str, body: object = None) -> Any:
    """Ask the running embedded cloud; it is started on demand."""
    from gatespan import local_cloud
    from gatespan.cli.output import told_plainly
    from gatespan.settings import Settings

    with told_plainly(out):
        home = Settings().home
        cloud = local_cloud.find(home) or local_cloud.start(home)
        return local_cloud.control(cloud.url, path, body)


def _table(out: Output, health: Any) -> None:
    rows = [("vpc, cbn, sts, location", "all regions", health["endpoints"]["central"])]
    rows += [("cloudapi, fc", region, address) for region, address in health["endpoints"]["regions"].items()]
    rows += [("seats (HTTP proxy)", "", health["proxy"])]
    for what, region, address in rows:
        out.line(f"  {what:<24} {region:<14} {address}")
