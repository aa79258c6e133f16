"""The read models beside the domain: both fold the same events, so both must tell the same."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from domain.ids import AccountId, InstrumentId, StreamId, position_stream, risk_stream
from domain.orders.state import Order
from domain.positions.state import Position
from domain.registry import TYPE_NAMES
from domain.risk.state import Risk
from domain.values import PositionSide
from projections.cash import CASH, Cash, CashRow
from projections.orders import ORDERS, OrderRow, Orders
from projections.positions import COSTS, POSITIONS, CostRow, PositionRow, Positions
from projections.replay import MemoryRows
from projections.risk import ACCOUNTS, RESERVATIONS, AccountRow, ReservationRow
from projections.risk import Risk as RiskAccounts
from projections.tables import Fact, Projection
from projections.virtual_positions import VIRTUAL, VirtualPositions, VirtualRow
from tests.support.trading import Desk

_FOLDS: tuple[Projection, ...] = (Orders(), Positions(), RiskAccounts(), Cash())


def show_what_the_domain_holds(desk: Desk) -> None:
    """Fold the desk's whole story into rows and compare them with its states."""
    rows, versions = _folded(desk)
    for row in rows.tables.get(ORDERS.name, {}).values():
        assert isinstance(row, OrderRow)
        order = desk.states[StreamId(row.order_id)]
        assert isinstance(order, Order)
        assert (row.status, row.filled_quantity) == (order.status, order.filled)
        assert (row.venue_order_id or "") == order.venue_order_id
        assert row.version == versions[StreamId(row.order_id)]
    for row in rows.tables.get(POSITIONS.name, {}).values():
        assert isinstance(row, PositionRow)
        position = desk.states[_stream_of(row)]
        assert isinstance(position, Position)
        assert (row.net_quantity, row.cost) == (position.net_quantity, position.cost)
        assert (row.realised, row.fees) == (position.realised_total, position.fees_total)
    for row in rows.tables.get(COSTS.name, {}).values():
        assert isinstance(row, CostRow)
        position = desk.states[_stream_of(row)]
        assert isinstance(position, Position)
        own = rows.get(POSITIONS, (row.account_id, row.instrument, row.position_side))
        assert own is not None
        fees = {**position.other_fees, own.currency: position.fees_total}
        assert row.fees == fees.get(row.currency, 0)
        assert row.funding == position.funding.get(row.currency, 0)
    for row in rows.tables.get(CASH.name, {}).values():
        assert isinstance(row, CashRow)
        risk = desk.states[risk_stream(AccountId(row.account_id))]
        assert isinstance(risk, Risk)
        sums = (risk.realised, risk.fees, risk.funding)
        assert (row.realised, row.fees, row.funding) == tuple(
            total.get(row.currency, 0) for total in sums
        )
        balance = risk.balances.get(row.currency)
        assert row.balance == (None if balance is None else balance.amount)
    reservations: dict[str, Decimal] = {}
    for row in rows.tables.get(RESERVATIONS.name, {}).values():
        assert isinstance(row, ReservationRow)
        reservations[row.order_id] = row.quantity
    for row in rows.tables.get(ACCOUNTS.name, {}).values():
        assert isinstance(row, AccountRow)
        risk = desk.states[risk_stream(AccountId(row.account_id))]
        assert isinstance(risk, Risk)
        assert row.open_orders == len(risk.reservations)
        assert row.halted == risk.halted
        assert row.limits_version == risk.limits_version
        for order_id, reservation in risk.reservations.items():
            assert reservations.pop(str(order_id)) == reservation.quantity
    assert reservations == {}


def parts_of_strategies(desk: Desk) -> list[VirtualRow]:
    """What each strategy holds of each position, folded from the desk's whole story."""
    rows, _ = _folded(desk, (VirtualPositions(),))
    parts = []
    for row in rows.tables.get(VIRTUAL.name, {}).values():
        assert isinstance(row, VirtualRow)
        parts.append(row)
    return parts


def _stream_of(row: PositionRow | CostRow) -> StreamId:
    return position_stream(
        AccountId(row.account_id), InstrumentId(row.instrument), PositionSide(row.position_side)
    )


def _folded(
    desk: Desk, folds: Sequence[Projection] = _FOLDS
) -> tuple[MemoryRows, Counter[StreamId]]:
    rows, versions = MemoryRows(), Counter[StreamId]()
    for position, change in enumerate(desk.changes, start=1):
        versions[change.stream.stream_id] += 1
        fact = Fact(
            position=position,
            version=versions[change.stream.stream_id],
            account_id=change.stream.account_id,
            at=desk.at,
            event=change.event,
        )
        for fold in folds:
            if TYPE_NAMES[type(change.event)] in fold.types:
                fold.fold(fact, rows)
    return rows, versions
