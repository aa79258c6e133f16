"""`make bench [NAME=id]`: run rows, print one line each, write build/bench/ID.json."""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Final

from tests.benchmarks.report import Row

_SECONDS: Final = 10
_ROWS: Final = {
    "append": "tests.benchmarks.append",
    "append_stock": "tests.benchmarks.append",
    "append_umadb": "tests.benchmarks.umadb",
    "command": "tests.benchmarks.command",
    "decide": "tests.benchmarks.decide",
    "command_latency": "tests.benchmarks.command",
    "writers": "tests.benchmarks.writers",
    "relay": "tests.benchmarks.relay",
    "project": "tests.benchmarks.project",
    "visible": "tests.benchmarks.visible",
    "replay": "tests.benchmarks.replay",
    "recovery": "tests.benchmarks.recovery",
    "growth": "tests.benchmarks.growth",
    "growth_10m": "tests.benchmarks.growth",
    "memory": "tests.benchmarks.memory",
    "verify": "tests.benchmarks.verify",
}
_ONLY_WHEN_NAMED: Final = {"growth_10m"}


def main(arguments: list[str]) -> int:
    """Run the named rows, or all of them."""
    unknown = [name for name in arguments if name not in _ROWS]
    if unknown:
        print(f"unknown benchmark {unknown[0]}: choose from {', '.join(_ROWS)}", file=sys.stderr)
        return 2
    for name in arguments or [name for name in _ROWS if name not in _ONLY_WHEN_NAMED]:
        run: Callable[[int], Row] = getattr(import_module(_ROWS[name]), name)
        row = run(_SECONDS)
        print(row.line(), flush=True)
        row.write()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
