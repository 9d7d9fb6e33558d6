"""Guessing which word was meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant; case, hyphens and underscores make no difference."""
    by_form = {one.lower().replace("-", "_"): one for one in known}
    near = get_close_matches(word.lower().replace("-", "_"), list(by_form), n=1, cutoff=0.6)
    return by_form[near[0]] if near else None
