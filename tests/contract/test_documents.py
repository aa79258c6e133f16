"""The documents of events, checks and commands say what the code says, completely."""

import re
from pathlib import Path
from typing import Final, get_args

import pytest

from adapters.proto.v1 import subscriptions_pb2
from adapters.rpc.rules import RULES
from domain.dispatch import Command
from domain.reasons import Reason
from domain.registry import EVENT_TYPES, FORMS, KNOWN
from domain.risk.events import FillApplied
from domain.risk.rules.table import CHECKS
from tests.contract.documents import stored
from tests.contract.documents.write import (
    COMMAND_SERVICES,
    FOLDER,
    UnknownRegion,
    generated,
    regions,
)

_ROW: Final = re.compile(r"^\| `?([a-zA-Z0-9_.]+)`? \| (.*) \|$", re.MULTILINE)


def _rows(document: str) -> dict[str, str]:
    return dict(_ROW.findall((FOLDER / document).read_text()))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.md")), ids=lambda path: path.name)
def test_what_is_generated_of_a_document_is_what_would_be_generated(path: Path) -> None:
    text = path.read_text()
    assert text == generated(text), "run `make docs` and read what changed"


def test_every_event_is_documented_with_its_fields() -> None:
    text = (FOLDER / "events.md").read_text()
    assert {f"events {aggregate}" for aggregate in stored.aggregates()} == regions(text)
    rows = _rows("events.md")
    documented = {name: rows[name].rsplit(" | ", 1)[1].split(", ") for name in KNOWN}
    assert documented == {name: stored.fields(FORMS.form(name)) for name in KNOWN}
    assert {name for name in rows if re.search(r"\.v[0-9]+$", name)} == KNOWN


def test_every_call_that_changes_something_is_documented() -> None:
    text = (FOLDER / "commands.md").read_text()
    assert regions(text) == {"calls"}
    for call in RULES:
        service, _, name = call.removeprefix("/patriot.v1.").partition("/")
        if service in COMMAND_SERVICES:
            assert f"### {service}\n" in text
            assert f"| `{name}` | " in text


def test_a_mark_that_nothing_generates_is_an_error() -> None:
    with pytest.raises(UnknownRegion, match="events nothing"):
        generated("<!-- generated: events nothing -->\n<!-- end -->")


def test_notes_are_those_of_the_fields_in_the_code() -> None:
    assert stored.field_notes(FillApplied)["net_quantity"] == "Of the position, after the fill."
    lines = list(stored.table("risk"))
    assert "- `net_quantity`: Of the position, after the fill." in lines


def test_every_check_is_documented_in_its_order_with_reasons_that_exist() -> None:
    text = (FOLDER / "reasons.md").read_text()
    rows = dict(_ROW.findall(text[text.index("## The checks of an order") :]))
    del rows["check"]
    assert list(rows) == [check.name for check in CHECKS]
    for cells in rows.values():
        reasons = cells.split(" | ")[0].split(", ")
        assert set(reasons) <= {reason.name for reason in Reason}


def test_every_part_of_a_subscription_s_definition_is_documented() -> None:
    text = (FOLDER / "subscriptions.md").read_text()
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \|", text, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"[a-z_]+", row)}
    request = subscriptions_pb2.CreateSubscriptionRequest.DESCRIPTOR
    assert named == set(request.fields_by_name)
    for table in ("named", "failed", "parked"):
        assert f"`{table}`" in text


def test_every_command_is_documented_with_events_that_exist() -> None:
    text = (FOLDER / "commands.md").read_text()
    rows = dict(_ROW.findall(text[: text.index("## On the wire")]))
    assert {command.__name__ for command in get_args(Command)} <= set(rows)
    named = set(re.findall(r"`([a-z]+\.[a-z_]+\.v[0-9]+)`", "\n".join(rows.values())))
    assert named <= set(EVENT_TYPES)
    assert {name for name in EVENT_TYPES if not name.startswith("position.")} <= named
