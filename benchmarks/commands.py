"""How long the commands take that people wait for, on a cloud and a home of their own.

    python benchmarks/commands.py [--times 5]

Goals on two cores: ``gatespan --help`` within 0.5 s, ``gatespan plan`` on a built topology within 3 s, a whole demo
within 20 s with the cloud and the (prepared) Prefect server cold.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EXAMPLE = str(Path(__file__).parents[1] / "examples" / "cross-region.yaml")
COMMAND = [sys.executable, "-c", "from gatespan.cli import main; main()"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "GATESPAN_HOME": home, "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"}
        try:
            subprocess.run([sys.executable, "-m", "flows", "server", "prepare"], env=env, check=True)
            report("apply, everything cold", [seconds(env, "apply", EXAMPLE)])
            report("--help", [seconds(env, "--help") for _ in range(times)])
            report("plan, built", [seconds(env, "plan", EXAMPLE) for _ in range(times)])
            report("apply, nothing to do", [seconds(env, "apply", EXAMPLE) for _ in range(times)])
            report("verify", [seconds(env, "verify", EXAMPLE) for _ in range(times)])
            report("destroy, server warm", [seconds(env, "destroy", EXAMPLE)])
        finally:
            subprocess.run([*COMMAND, "cloud", "stop"], env=env, stdout=subprocess.DEVNULL, check=False)
            stop = [sys.executable, "-m", "flows", "server", "stop"]
            subprocess.run(stop, env=env, stdout=subprocess.DEVNULL, check=False)


def seconds(env: dict[str, str], *words: str) -> float:
    began = time.perf_counter()
    subprocess.run([*COMMAND, *words], env=env, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def report(what: str, taken: list[float]) -> None:
    print(f"{what:<26} {statistics.median(taken):6.2f} s (of {len(taken)}, slowest {max(taken):.2f})")


if __name__ == "__main__":
    main()
