"""Asking a person in the middle of a flow run: the run is suspended, and started again from the top with the answer.

The question is bound to what it asks about by a digest: when that has changed meanwhile, the old answer does not count
and it is asked again (Prefect would use it for every later question of the run).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Literal

from prefect.flow_runs import asuspend_flow_run
from prefect.input import RunInput
from prefect.runtime import deployment
from pydantic import Field

from tasks.watching import tell


class Answer(RunInput):
    """What the form asks. Saying nothing is a no; the name is required, so that nobody sends it empty."""

    decision: Literal["approve", "reject"] = Field(default="reject", description="Shall it be done?")
    answered_by: str = Field(min_length=2, description="Your name")


async def ask_about(subject: str, markdown: str, about: Sequence[str], *, within: float) -> bool:
    """True when somebody approves. ``about``: what exactly; ``within``: seconds, after which the run ends Failed.

    Call it in a flow, not in a task. A run without a deployment has nobody to ask: no.
    """
    if deployment.id is None:
        tell("note", text=f"Only the run of a deployment can ask; {subject} is left.")
        return False
    digest = hashlib.sha256(json.dumps(sorted(about)).encode()).hexdigest()[:16]
    form = Answer.with_initial_data(description=markdown)
    answer = await asuspend_flow_run(form, timeout=round(within), key=f"{subject}-{digest}")
    return answer is not None and answer.decision == "approve"
