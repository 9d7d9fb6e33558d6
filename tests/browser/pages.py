"""The Prefect UI (version 2) as a person uses it: roles and words, little markup. Every wait is for something."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.browser.stack import ROOT, Stack

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

PICTURES = ROOT / "docs" / "pictures"
PICTURES_WANTED = os.environ.get("GATESPAN_SCREENSHOTS") == "1"
ENDED = ("Completed", "Failed", "Crashed", "Cancelled")
RUN_BUDGET = 90_000.0
"""Milliseconds until a run has ended or asks: a worker starts two Python processes for it, 8 s on two cores that are
free, three times that when they are not."""

NO_NOTICES = "[data-sonner-toast] { display: none !important }"

GREEN = """data => new Promise(done => {
    const image = new Image();
    image.onload = () => {
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [image.width, image.height];
        const brush = canvas.getContext('2d');
        brush.drawImage(image, 0, 0);
        const all = brush.getImageData(0, 0, image.width, image.height).data;
        let n = 0;
        for (let i = 0; i < all.length; i += 4) n += all[i + 1] > 120 && all[i] < 80 && all[i + 2] < 120;
        done(n);
    };
    image.src = 'data:image/png;base64,' + data;
})"""


class UI:
    def __init__(self, page: Page, stack: Stack) -> None:
        self.page, self.stack = page, stack

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    def open(self, path: str) -> None:
        self.page.goto(f"{self.stack.ui}/{path}")

    # Forms

    def open_form(self, flow: str) -> None:
        """From the list of deployments to the form of one."""
        if self.page.url.startswith(self.stack.ui):
            self.page.get_by_role("link", name="Deployments", exact=True).first.click()
        else:
            self.open("deployments")
        self.page.wait_for_url("**/deployments?*")  # it adds its order to its address; an earlier click is lost
        self.main.get_by_role("row").get_by_role("link", name=flow, exact=True).first.click()
        self.page.get_by_role("button", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Custom run").click()
        self.page.get_by_role("heading", name="Parameters").wait_for()

    def fill(self, values: Mapping[str, str], form: Locator | None = None) -> None:
        """Texts into the fields of a form. An optional one shows a choice between its types first."""
        for name, value in values.items():
            label = self.page.get_by_text(re.compile(rf"^{name}( \(Optional\))?$"))
            field = (form or self.main).locator("div").filter(has=label).filter(has=self.page.get_by_role("group")).last
            field.wait_for()
            if field.get_by_role("tab", name="str").is_visible():
                field.get_by_role("tab", name="str").click()
            field.get_by_role("textbox").fill(value)

    def pick(self, kind: str, name: str) -> None:
        """One of the blocks of a kind, from the list of the field that takes one."""
        self.page.get_by_role("tab", name=kind).click()
        self.main.get_by_role("button", name="Select a block").click()
        self.page.get_by_role("option", name=name, exact=True).click()

    def choose(self, name: str, value: str, form: Locator | None = None) -> None:
        """One of the values of a field that offers some."""
        (form or self.main).get_by_role("button", name=f"Select {name}").click()
        self.page.get_by_role("option", name=value, exact=True).click()

    def submit(self) -> str:
        """Send the form that starts a run and go to the run's page by the notice; its id."""
        run = str(self._send(self.page.get_by_role("button", name="Submit"), "/create_flow_run$")["id"])
        self.page.get_by_role("region", name="Notifications").locator(f"a[href$='{run}']").click()
        self.page.wait_for_url(f"**/{run}*")
        self.page.get_by_label("breadcrumb").get_by_role("link", name="Runs").wait_for()
        return run

    def resume_form(self) -> Locator:
        """The form of a suspended run, which is in the menu with the three dots."""
        self.main.get_by_role("button", name="Open menu").first.click()
        self.page.get_by_role("menuitem", name="Resume").click()
        return self.page.get_by_role("dialog")

    def resume(self, form: Locator) -> None:
        self._send(form.get_by_role("button", name="Resume"), "/resume$")
        form.wait_for(state="detached")

    def _send(self, button: Locator, url: str) -> Any:
        """Click; returns what the server answers."""
        with self.page.expect_response(re.compile(url)) as answer:
            button.click()
        assert answer.value.ok, answer.value.text()
        return answer.value.json()

    # Runs

    def open_run(self, run: str) -> None:
        """The run's page: where we are already, or by a link on the page, or by its address."""
        if run in self.page.url:
            return
        link = self.main.locator(f"a[href*='/runs/flow-run/{run}']").first
        if link.is_visible():
            link.click()
        else:
            self.open(f"runs/flow-run/{run}")
        self.page.get_by_role("tab", name="Logs", exact=True).wait_for()

    def state(self, *wanted: str) -> str:
        """Wait until the run's page shows one of these states, or any in which a run ends."""
        names = re.compile(rf"^({'|'.join({*wanted, *ENDED})})$")
        shown = self.main.get_by_text(names).first
        shown.wait_for(timeout=RUN_BUDGET)
        return shown.inner_text()

    def tab(self, name: str) -> Locator:
        self.page.get_by_role("tab", name=name, exact=True).click()
        return self.page.get_by_role("tabpanel", name=name)

    def open_artifact(self, key: str, *, oldest: bool = False) -> Locator:
        """From a run's Artifacts tab, by the page of its key, to the artifact itself; its body. A run that was resumed
        has written it twice: the newest, or the oldest."""
        self.tab("Artifacts").get_by_role("link").filter(has_text=key).first.click()
        versions = self.main.locator("a[href*='/artifacts/artifact/']")
        versions.first.wait_for()
        (versions.last if oldest else versions.first).click()
        body = self.page.get_by_role("tabpanel", name="Artifact")
        body.wait_for()
        return body

    def painted(self) -> Locator:
        """The run's graph, once bars of what is completed are painted on it."""
        canvas = self.main.locator("canvas").first
        canvas.wait_for()
        while self.page.evaluate(GREEN, base64.b64encode(canvas.screenshot()).decode()) < 1000:
            pass  # the test's own time limit ends it
        return canvas

    # For the documentation

    def picture(self, name: str, *, until: Locator | None = None, of: Locator | None = None) -> None:
        """A screenshot in docs/pictures: of the window, of it down to the end of ``until``, or ``of`` a part of it.
        Only when they are wanted, so that no other test run rewrites them."""
        if not PICTURES_WANTED:
            return
        left, top, width, height = 0.0, 0.0, 1280.0, 800.0
        box = (until or of or self.page.locator("body")).bounding_box()
        if until and box:
            height = min(box["y"] + box["height"] + 24, height)
        elif of and box:
            left, top, width, height = box["x"], box["y"], box["width"], box["height"]
        self.page.mouse.move(640, 1)
        self.page.screenshot(
            path=PICTURES / f"{name}.png",
            animations="disabled",
            style=NO_NOTICES,
            clip={"x": left, "y": top, "width": width, "height": height},
        )
