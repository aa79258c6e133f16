"""The form of a result: ours, the reference, their ratio, and under which conditions."""

import json
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

FOLDER: Final = Path("build/bench")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table; numbers by percentile for latencies, one number otherwise."""

    id: str
    ours: float | Mapping[str, float]
    reference: float | Mapping[str, float]
    ratio: float | Mapping[str, float]
    goal: str
    unit: str
    conditions: Mapping[str, object] = field(default_factory=dict)

    def line(self) -> str:
        """The row as one line."""
        return (
            f"{self.id:<14} ours {_shown(self.ours)} {self.unit}   reference "
            f"{_shown(self.reference)} {self.unit}   ratio {_shown(self.ratio)}   goal {self.goal}"
        )

    def write(self) -> None:
        """Keep the row as build/bench/ID.json."""
        FOLDER.mkdir(parents=True, exist_ok=True)
        content = json.dumps(asdict(self) | {"conditions": {**self.conditions, **machine()}})
        (FOLDER / f"{self.id}.json").write_text(content + "\n", encoding="utf-8")


def machine() -> dict[str, object]:
    """What the run ran on."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "commit": commit.stdout.strip(),
    }


def percentiles(samples: Sequence[float]) -> dict[str, float]:
    """p50, p99 and p99.9 of raw samples."""
    ordered = sorted(samples)
    last = len(ordered) - 1
    return {
        name: ordered[min(last, int(len(ordered) * share))]
        for name, share in (("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999))
    }


def _shown(value: float | Mapping[str, float]) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{name} {_shown(each)}" for name, each in value.items())
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
