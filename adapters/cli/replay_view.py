"""What `patriot replay` shows: a state and its decisions as text for people, or as JSON."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson

from adapters.cli.order_words import condition, how_much
from domain.ids import AccountId, InstrumentId, OrderId
from domain.orders.state import Order
from domain.positions.state import Position
from domain.risk.explain import CheckOutcome, Outcome
from domain.risk.state import Risk
from domain.values import PositionSide, plain
from projections.asof import AsOf, Explained
from projections.tables import instant


def as_json(asof: AsOf, place: int, *, account: AccountId | None, order: OrderId | None) -> str:
    """Everything that is known, keys in a fixed order, numbers as plain decimal strings."""
    content: dict[str, Any] = {"until": place}
    if order is not None:
        (owner,) = [one for one in asof.accounts() if order in asof.orders(one)]
        content["account_id"] = owner
        content["order"] = _order(order, asof.orders(owner)[order], asof)
    else:
        owners = asof.accounts() if account is None else [account]
        content["accounts"] = [_account(asof, owner) for owner in owners]
    content["decisions"] = sum(1 for _ in asof.decisions())
    content["differences"] = asof.differences
    content["stray"] = asof.stray
    options = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
    return orjson.dumps(content, default=_stored, option=options).decode()


def as_text(asof: AsOf, place: int, *, account: AccountId | None, order: OrderId | None) -> str:
    """The same for people: an order with its checks, or each account with a line an order."""
    lines = [f"as of position {place:,}"]
    owners = asof.accounts() if account is None else [account]
    for owner in owners:
        orders = asof.orders(owner)
        if order is not None:
            if order in orders:
                lines += _order_lines(order, orders[order], asof)
            continue
        lines += ["", *_account_lines(owner, asof.risk(owner), asof.positions(owner))]
        for name, each in orders.items():
            lines.append(_order_line(name, each, asof.explained.get(name)))
            lines += [f"    {_amended(amend)}" for amend in asof.amends.get(name, ())]
    decisions = sum(1 for _ in asof.decisions())
    lines += ["", f"{decisions:,} decisions derived again, {asof.differences:,} differ"]
    for name, explained in asof.decisions():
        lines += [f"  order {name}: {told}" for told in explained.differences]
    lines += [f"  {told}" for told in asof.stray]
    return "\n".join(lines)


def _account(asof: AsOf, owner: AccountId) -> dict[str, Any]:
    risk = asof.risk(owner)
    return {
        "account_id": owner,
        "risk": {
            "limits": risk.limits,
            "limits_version": risk.limits_version,
            "halted": risk.halted,
            "halt_reason": risk.halt_reason,
            "exposures": {name: each._asdict() for name, each in risk.exposures.items()},
            "reservations": {name: each._asdict() for name, each in risk.reservations.items()},
            "intents": [{**intent._asdict(), "at": at} for intent, at in risk.intents.items()],
            "realised": risk.realised,
            "fees": risk.fees,
            "funding": risk.funding,
            "balances": {name: each._asdict() for name, each in risk.balances.items()},
        },
        "positions": {_held(*held): each for held, each in asof.positions(owner).items()},
        "orders": [_order(name, each, asof) for name, each in asof.orders(owner).items()],
    }


def _order(name: OrderId, order: Order, asof: AsOf) -> dict[str, Any]:
    return {
        "order_id": name,
        "status": order.status,
        "instrument_id": order.instrument_id,
        "strategy_id": order.strategy_id,
        "side": order.side,
        "quantity": order.quantity,
        "filled": order.filled,
        "client_order_id": order.client_order_id,
        "currency": order.currency,
        "venue_order_id": order.venue_order_id,
        "executions": sorted(order.executions),
        "triggered": order.triggered,
        "decision": asof.explained.get(name),
        "amends": asof.amends.get(name, []),
    }


def _stored(value: object) -> object:
    if isinstance(value, Decimal):
        return plain(value)
    message = f"no form for {type(value).__name__}"
    raise TypeError(message)


def _account_lines(
    owner: AccountId,
    risk: Risk,
    positions: Mapping[tuple[InstrumentId, PositionSide], Position],
) -> list[str]:
    halted = f"halted: {risk.halt_reason}" if risk.halted else "not halted"
    totals = (
        f"realised {_totals(risk.realised)}, fees {_totals(risk.fees)}, "
        f"funding {_totals(risk.funding)}"
    )
    lines = [
        f"account {owner}: limits version {risk.limits_version}, {halted}",
        f"  {len(risk.reservations):,} open orders, {totals}",
    ]
    legs = {(leg.instrument_id, leg.side) for leg in risk.legs}
    hedged = {instrument for instrument, _ in legs}
    whole = {(name, PositionSide.NET) for name in risk.exposures if name not in hedged}
    for held in sorted({*whole, *legs, *positions}):
        exposure = risk.exposure(*held)
        position = positions.get(held, Position())
        lines.append(
            f"  {_held(*held):<24} net {plain(exposure.net_quantity)}, "
            f"cost {plain(position.cost)}, realised {plain(position.realised_total)}, "
            f"open buys {plain(exposure.open_buys)}, open sells {plain(exposure.open_sells)}"
        )
    return lines


def _held(instrument: InstrumentId, side: PositionSide) -> str:
    """A position's name: the instrument, and the leg of a hedged one."""
    return instrument if side is PositionSide.NET else f"{instrument} {side.value}"


def _totals(totals: Mapping[str, Decimal]) -> str:
    return " ".join(f"{plain(total)} {name}" for name, total in sorted(totals.items())) or "0"


def _order_line(name: OrderId, order: Order, explained: Explained | None) -> str:
    return (
        f"  order {name} {order.status.value:<16} {order.side.value:<4} "
        f"{plain(order.filled)}/{plain(order.quantity)} {order.instrument_id}  {_why(explained)}"
    )


def _why(explained: Explained | None) -> str:
    if explained is None:
        return "its decision is not in this part of the log"
    refused = [check for check in explained.checks if check.outcome is Outcome.REFUSED]
    told = f"{'admitted' if explained.admitted else 'refused'} at position {explained.position:,}"
    return told + "".join(f" by {check.check}: {check.detail}" for check in refused)


def _amended(amend: Explained) -> str:
    asked = amend.order
    price = "" if asked.price is None else f" at {plain(asked.price)}"
    return f"amend to {plain(asked.quantity)}{price} {_why(amend)}"


def _order_lines(name: OrderId, order: Order, asof: AsOf) -> list[str]:
    explained = asof.explained.get(name)
    lines = ["", _order_line(name, order, explained).strip()]
    if explained is not None:
        lines += _decision_lines(explained)
    for amend in asof.amends.get(name, ()):
        lines += ["", _amended(amend), *_decision_lines(amend)]
    return lines


def _decision_lines(explained: Explained) -> list[str]:
    inputs, asked = explained.inputs, explained.order
    reference = inputs.reference
    market = "none" if reference is None else f"{plain(reference.price)} of {_time(reference.at)}"
    price = "at the market" if asked.price is None else f"at {plain(asked.price)}"
    price += condition(asked)
    dated = "" if asked.expires_at is None else f" until {_time(asked.expires_at)}"
    reducing = ", reducing only" if asked.reduce_only else ""
    asked_for = (
        f"asked for {asked.type.value} {asked.side.value} {how_much(asked)} {price}, "
        f"{asked.time_in_force.value}{dated}{reducing}, decided at {_time(explained.at)}"
    )
    decided_on = (
        f"on limits version {inputs.limits_version}, rules version {inputs.rules_version}, "
        f"market price {market}, net {plain(inputs.net_quantity)}, open buys "
        f"{plain(inputs.open_buys)}, open sells {plain(inputs.open_sells)}, "
        f"{inputs.open_orders} open orders"
    )
    head = f"  {'check':<18}{'outcome':<11}{'value':<28}{'limit':<28}".rstrip()
    return [asked_for, decided_on, head, *map(_check_line, explained.checks)]


def _check_line(check: CheckOutcome) -> str:
    shown = f"  {check.check:<18}{check.outcome.value:<11}{check.value:<28}{check.limit:<28}"
    return f"{shown}{check.detail}".rstrip()


def _time(microseconds: int) -> str:
    return f"{instant(microseconds):%Y-%m-%d %H:%M:%S.%f}"
