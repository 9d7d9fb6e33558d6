"""Which actions the embedded cloud has, made from the code, and which it was asked for in vain."""

from __future__ import annotations

from typing import Any

from gatespan.emulator.kernel import Kernel


def coverage(kernel: Kernel) -> dict[str, Any]:
    """``{"products": [{product, version, actions: [{name, calls}]}], "missing": {"Product.Action": times}}``."""
    counts = kernel.log.counts
    products = [
        {
            "product": s.product,
            "version": s.version,
            "actions": [
                {"name": name, "calls": counts.get((s.product, name), 0), "writes": s.actions[name].writes}
                for name in sorted(s.actions)
            ],
        }
        for s in kernel.services.values()
    ]
    total = sum(len(s.actions) for s in kernel.services.values())
    return {"total": total, "products": products, "missing": dict(sorted(kernel.missing.items()))}
