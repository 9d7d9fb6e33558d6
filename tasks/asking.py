"""Asking a person in the middle of a flow run: the run is suspended, and started again from the top with the answer.

The question is bound to what it asks about by a digest: when that has changed meanwhile, the old answer does not count
and it is asked again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Literal
from uuid import UUID, uuid4

from prefect import get_client
from prefect.flow_runs import asuspend_flow_run
from prefect.input import RunInput
from prefect.runtime import deployment, flow_run
from pydantic import Field

from tasks.watching import tell


class Answer(RunInput):
    """What the form asks. Saying nothing is a no; the name is required, so that nobody sends it empty."""

    decision: Literal["approve", "reject"] = Field(default="reject", description="Shall it be done?")
    answered_by: str = Field(min_length=2, description="Your name")


def digest_of(things: object) -> str:
    """What an answer is bound to: short, and the same for the same things."""
    return hashlib.sha256(json.dumps(things, default=str).encode()).hexdigest()[:16]


async def answer_to(question: str) -> Answer | None:
    """The last answer to this very question in this flow run; None: nobody has answered."""
    async with get_client() as client:
        mine = UUID(str(flow_run.id))
        found = await client.filter_flow_run_input(mine, f"suspended-{question}", limit=200, exclude_keys=set())
    given = [one for one in found if one.key.endswith("-response")]
    if not given:
        return None
    return Answer.load_from_flow_run_input(max(given, key=lambda one: str(one.created)))


async def suspend(question: str, markdown: str, within: float) -> None:
    """Suspend the flow run with the question in its form, for ``within`` seconds. Call it in a flow, not in a task.

    A key of its own for every time it is asked: one that was used never suspends again, not even after it expired.
    """
    form = Answer.with_initial_data(description=markdown)
    await asuspend_flow_run(form, timeout=round(within), key=f"{question}-{uuid4().hex[:8]}")


async def ask_about(subject: str, markdown: str, about: Sequence[str], *, within: float) -> bool:
    """True when somebody approves. ``about``: what exactly; ``within``: seconds, after which the run ends Failed.

    Call it in a flow, not in a task. A run without a deployment has nobody to ask: no.
    """
    if deployment.id is None:
        tell("note", text=f"Only the run of a deployment can ask; {subject} is left.")
        return False
    question = f"{subject}-{digest_of(sorted(about))}"
    answer = await answer_to(question)
    if answer is None:
        await suspend(question, markdown, within)
    return answer is not None and answer.decision == "approve"
