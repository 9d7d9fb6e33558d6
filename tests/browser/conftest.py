"""A real browser on the real Prefect server and UI. One start of everything for this folder, which one worker runs.

Where there is no browser the tests are skipped with a word that says what to install.
"""

from __future__ import annotations

import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.pages import PICTURES_WANTED, UI
from tests.browser.stack import Stack, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

NAMES = ("chromium", "chromium-browser", "google-chrome")
CALM = "window.requestAnimationFrame = draw => setTimeout(() => draw(performance.now()), 300)"
"""Three pictures a second: the graph of a run is repainted without end, which without a graphics card costs a core."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The server and the clouds outlive what started them."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning"))
            item.add_marker(pytest.mark.xdist_group("browser"))
            item.add_marker(pytest.mark.timeout(300))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where a test fails, say where its window is and keep a picture of it."""
    report = yield
    shown = getattr(item, "funcargs", {}).get("ui")
    if report.failed and isinstance(shown, UI):
        picture = shown.stack.home / f"{item.name}.png"
        shown.page.screenshot(path=picture)
        report.sections.append(("window", f"{shown.page.url}\n{picture}"))
    return report


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Before everything else: without it nothing needs to be started. Not for the session: Playwright keeps an event
    loop in the main thread, which others need."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        pytest.skip("no Playwright here: pip install playwright (it is in the dev extra)")
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("no browser here: apt-get install chromium (Debian), or have chromium or google-chrome on the path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def stack(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("browser")) as stack:
        yield stack


@pytest.fixture(scope="package")
def ui(browser: Browser, stack: Stack) -> Iterator[UI]:
    """A window on the UI. Whatever would leave the machine is refused: the UI asks its maker's servers for more."""

    def refuse(route: Route) -> None:
        route.abort()

    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, color_scheme="light", device_scale_factor=1.5 if PICTURES_WANTED else 1
    )
    context.set_default_timeout(30_000)
    context.add_init_script(CALM)
    context.route(lambda url: not url.startswith(stack.ui.removesuffix("v2")), refuse)
    yield UI(context.new_page(), stack)
    context.close()
