"""What `patriot explain` shows: an order's story for people who know no exchange, or as JSON.

Checks, inputs and events that are new appear by their own names, without a line here.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, Final, NamedTuple

import orjson

from adapters.cli.order_words import how_much, made_by, price, until
from adapters.codec import decode_metadata, decode_recorded
from adapters.replay import Told
from domain.envelope import Metadata
from domain.ids import OrderId
from domain.orders.commands import ExecutionKind, PlaceOrder, ReferencePrice
from domain.orders.events import (
    OrderAccepted,
    OrderCancelled,
    OrderCancelRejected,
    OrderCancelRequested,
    OrderDenied,
    OrderExpired,
    OrderFilled,
    OrderHeld,
    OrderObserved,
    OrderPlaced,
    OrderRejected,
    OrderReplaceRequested,
    OrderTriggered,
    OrderWithdrawn,
)
from domain.orders.state import Order
from domain.registry import TYPE_NAMES, Event
from domain.risk.compared import DecisionInputs
from domain.risk.explain import CheckOutcome, Outcome
from domain.risk.rules.table import CHECKS
from domain.values import Money, plain
from projections.asof import Explained
from projections.tables import instant

_ASKS: Final[Mapping[str, str]] = {
    check.name: (check.refuses.__doc__ or "").strip().splitlines()[0] for check in CHECKS
}
"""What each check is there for, as its own function says it."""
_INDENT: Final = "  "


class _Step(NamedTuple):
    """An event of the order, and the command that caused it."""

    position: int
    event: Event
    cause: Metadata


def as_json(told: Told, order_id: OrderId) -> str:
    """Everything that is known, numbers as plain decimal strings, times in microseconds."""
    order, explained, steps = _parts(told, order_id)
    first = steps[0]
    content = {
        "order_id": order_id,
        "account_id": told.events[0].account_id,
        "status": order.status,
        "filled": order.filled,
        "asked_by": first.cause.actor,
        "asked_at": first.cause.occurred_at,
        "decision": explained,
        "amends": told.asof.amends.get(order_id, []),
        "events": [
            {
                "position": step.position,
                "type": TYPE_NAMES[type(step.event)],
                "at": step.cause.occurred_at,
                "by": step.cause.actor,
                "event": step.event,
            }
            for step in steps
        ],
        "differences": told.asof.differences,
        "stray": told.asof.stray,
    }
    return orjson.dumps(content, default=_stored, option=orjson.OPT_INDENT_2).decode()


def as_text(told: Told, order_id: OrderId) -> str:
    """The same as a page to read: the answer first, then the checks, then the rest of the story."""
    order, explained, steps = _parts(told, order_id)
    first = steps[0]
    lines = [f"Order {order_id}", *_verdict(explained, order), ""]
    lines += _facts(
        {
            "asked": _asked(first.event if explained is None else explained.order),
            "by": f"{first.cause.actor or 'nobody known'} for account {told.events[0].account_id}",
            "at": _time(first.cause.occurred_at),
            "recorded": f"at position {first.position:,} of the log",
        }
    )
    if explained is not None:
        if explained.replaces is not None:
            lines += _facts({"in place of": explained.replaces})
        lines += _decision(explained)
    lines += ["", "What became of it", *_story(steps)]
    for amend in told.asof.amends.get(order_id, ()):
        lines += ["", *_amend(amend), *_decision(amend)]
    differences = [each for _, one in told.asof.decisions() for each in one.differences]
    problems = [*differences, *told.asof.stray]
    if problems:
        lines += ["", "The log contradicts itself", *(_INDENT + one for one in problems)]
    return "\n".join(lines)


def _parts(told: Told, order_id: OrderId) -> tuple[Order, Explained | None, list[_Step]]:
    steps = [
        _Step(one.position.number, decode_recorded(one), decode_metadata(one.metadata))
        for one in told.events
    ]
    orders = told.asof.orders(told.events[0].account_id)
    return orders[order_id], told.asof.explained.get(order_id), steps


def _verdict(explained: Explained | None, order: Order) -> Iterator[str]:
    if explained is None:
        whose = made_by(order.origin)
        yield f"{whose or 'has no decision of ours in the log'}; {_now(order)}"
        if whose:
            yield "no check was asked: that it exists is a fact, and it is counted like our own"
        return
    refused = _refusal(explained)
    if refused:
        yield f"was {refused}"
    else:
        yield f"was ADMITTED: it passed all {len(explained.checks)} checks; {_now(order)}"


def _refusal(explained: Explained) -> str:
    """By which check, and why; empty of what was admitted."""
    for check in explained.checks:
        if check.outcome is Outcome.REFUSED:
            compared = f" (limit {check.limit or 'none'}, value {check.value or 'none'})"
            return f"REFUSED by the check {check.check}: {check.detail}{compared}"
    return ""


def _amend(amend: Explained) -> list[str]:
    """What it was to become, when, and whether it might."""
    verdict = _refusal(amend) or f"ADMITTED: it passed all {len(amend.checks)} checks"
    return [
        f"An amend at position {amend.position:,} of the log was {verdict}",
        *_facts({"to be": _asked(amend.order), "at": _time(amend.at)}),
    ]


def _decision(explained: Explained) -> list[str]:
    """On what it was decided, and check by check how."""
    return [
        "",
        "What the decision looked at",
        *_facts(_inputs(explained.inputs)),
        "",
        "The checks, in the order in which they are asked",
        *_table(explained),
    ]


def _now(order: Order) -> str:
    done = f"{plain(order.filled)} of {plain(order.quantity)} filled"
    return f"it is {_words(order.status)}, {done}"


def _asked(order: PlaceOrder | Event) -> str:
    if not isinstance(order, PlaceOrder | OrderObserved):
        return ""
    words = f"{order.side.value} {how_much(order)} of {order.instrument_id} {price(order)}"
    if order.reduce_only:
        words += ", only to make the position smaller"
    return f"{words}; {until(order)}"


def _inputs(inputs: DecisionInputs) -> dict[str, str]:
    """Every input by its own name, so that a new one is seen without a line here."""
    return {one.name.replace("_", " "): _value(getattr(inputs, one.name)) for one in fields(inputs)}


def _facts(facts: Mapping[str, str]) -> list[str]:
    width = max(map(len, facts)) + 2
    return [f"{_INDENT}{name:<{width}}{text}" for name, text in facts.items() if text]


def _table(explained: Explained) -> list[str]:
    rows = [("check", "outcome", "limit", "value", "what it asks")]
    rows += [
        (one.check, _outcome(one), one.limit, one.value, _ASKS.get(one.check, ""))
        for one in explained.checks
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = []
    for *cells, asks in rows:
        shown = "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True))
        lines.append(f"{_INDENT}{shown}  {asks}".rstrip())
    return lines


def _outcome(check: CheckOutcome) -> str:
    return check.outcome.value.upper() if check.outcome is Outcome.REFUSED else check.outcome.value


def _story(steps: list[_Step]) -> list[str]:
    lines = []
    for step in steps:
        if isinstance(step.event, OrderDenied):
            lines.append(f"{_INDENT}it was refused by us and never sent to the venue")
            continue
        by = f" (by {step.cause.actor})" if step.cause.actor else ""
        lines.append(f"{_INDENT}{_time(step.cause.occurred_at)}  {_happened(step.event)}{by}")
    return lines


def _happened(event: Event) -> str:
    """An event as a sentence; one without a sentence here by its name and what it holds."""
    for kind, sentence in _SENTENCES.items():
        if isinstance(event, kind):
            return sentence(event)
    name = TYPE_NAMES[type(event)].split(".")[1].replace("_", " ")
    told = [
        f"{one.name.replace('_', ' ')} {_value(getattr(event, one.name))}"
        for one in fields(event)
        if not one.name.endswith("_id") and getattr(event, one.name) not in {None, ""}
    ]
    return f"{name}: {', '.join(told)}" if told else name


def _filled(event: OrderFilled) -> str:
    over = f", {plain(event.overfill)} more than ordered" if event.overfill else ""
    why = "" if event.kind is ExecutionKind.TRADE else f" by {_words(event.kind.value)}"
    return (
        f"filled{why} {plain(event.quantity)} at {plain(event.price)}, fee {_value(event.fee)}; "
        f"{plain(event.filled_quantity)} in all{over}"
    )


_SENTENCES: Final[Mapping[type[Event], Callable[[Any], str]]] = {
    OrderObserved: lambda event: (
        f"the venue told of its order {event.venue_order_id}, {made_by(event.origin)}"
    ),
    OrderPlaced: lambda event: f"to be sent to the venue as {event.client_order_id}",
    OrderHeld: lambda event: f"held until order {event.replaces} has ended",
    OrderReplaceRequested: lambda event: f"order {event.replacement_id} is to take its place",
    OrderWithdrawn: lambda event: f"never sent to the venue: {event.detail}",
    OrderAccepted: lambda event: f"the venue took it as its order {event.venue_order_id}",
    OrderRejected: lambda event: f"the venue refused it: {event.reason}",
    OrderFilled: _filled,
    OrderCancelRequested: lambda _: "the venue is asked to cancel it",
    OrderCancelRejected: lambda event: f"the venue refused to cancel it: {event.reason}",
    OrderCancelled: lambda event: f"cancelled, {plain(event.unfilled_quantity)} not filled",
    OrderExpired: lambda event: (
        f"ended by the venue ({event.reason}), {plain(event.unfilled_quantity)} not filled"
    ),
    OrderTriggered: lambda event: (
        "triggered by the venue"
        + ("" if event.price is None else f", its price was at {plain(event.price)}")
    ),
}


def _value(value: object) -> str:
    match value:
        case None | "":
            return "none"
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return plain(value)
        case Money():
            return f"{plain(value.amount)} {value.currency}"
        case ReferencePrice():
            return f"{plain(value.price)}, seen {_time(value.at)}"
        case Enum():
            return _words(str(value.value))
    if is_dataclass(value):
        return ", ".join(
            f"{one.name.replace('_', ' ')} {_value(getattr(value, one.name))}"
            for one in fields(value)
        )
    return str(value)


def _words(text: str) -> str:
    return text.replace("_", " ")


def _time(microseconds: int) -> str:
    return f"{instant(microseconds):%Y-%m-%d %H:%M:%S.%f} UTC"


def _stored(value: object) -> object:
    if isinstance(value, Decimal):
        return plain(value)
    message = f"no form for {type(value).__name__}"
    raise TypeError(message)
