"""docs/api.md and docs/reasons.md say what the code does."""

import re
from pathlib import Path
from typing import Final

from adapters.rpc.rules import RULES
from adapters.rpc.status import status_of
from domain.reasons import Reason

_DOCS: Final = Path(__file__).parents[3] / "docs"


def test_every_reason_is_explained_with_its_status() -> None:
    text = (_DOCS / "reasons.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d{4}) \| `(\w+)` \| (\w+) \| (.+) \|$", text, re.MULTILINE)
    assert [(int(number), name, status) for number, name, status, _ in rows] == [
        (int(reason), reason.name, status_of(reason).name) for reason in Reason
    ]


def test_every_call_is_listed_with_its_roles() -> None:
    text = (_DOCS / "api.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+/\w+)` \| [\w-]+ \| (.+) \|$", text, re.MULTILINE)
    assert {f"/patriot.v1.{call}": set(roles.split(", ")) for call, roles in rows} == {
        method: set(roles) for method, roles in RULES.items()
    }
