"""What must hold at every moment of every story; most take the domain and the model beside it."""

from fractions import Fraction

from domain.dispatch import State, evolve, initial
from domain.ids import StreamId
from domain.orders.commands import OrderType, PlaceOrder
from domain.orders.state import Amendment, Order
from domain.registry import Event
from domain.risk.events import OrderAdmitted, OrderRefused
from domain.values import Side
from tests.property.drawn import ACCOUNTS, INSTRUMENTS
from tests.property.forms import WAITING
from tests.property.models import House
from tests.property.order_model import OrderModel
from tests.support.trading import Desk


def the_whole_story_folds_to_the_states_that_grew(desk: Desk) -> None:
    """From the beginning, one event after the other."""
    states: dict[StreamId, State] = {}
    for change in desk.changes:
        stream = change.stream
        before = states.get(stream.stream_id, initial(stream.aggregate))
        states[stream.stream_id] = evolve(before, change.event)
    assert states == desk.states


def every_order_is_what_its_history_makes_it(desk: Desk, house: House) -> None:
    """Status by precedence, executions once each, nothing dropped."""
    for known, model in house.orders.items():
        order, pending = desk.order_of(known), model.pending()
        assert order == Order(
            status=model.status(),
            account_id=model.placed.account_id,
            instrument_id=model.placed.instrument_id,
            strategy_id=None,
            side=model.placed.side,
            quantity=order.quantity,
            filled=order.filled,
            client_order_id=order.client_order_id,
            currency=order.currency,
            venue_order_id=model.venue_order_id(),
            executions=frozenset(fill.execution_id for fill in model.fills()),
            conditional=model.refused is None and model.placed.trigger is not None,
            close_position=model.refused is None and model.placed.close_position,
            triggered=model.triggered(),
            type=model.placed.type,
            time_in_force=model.placed.time_in_force,
            price=model.price(),
            reduce_only=model.placed.reduce_only,
            expires_at=model.placed.expires_at,
            cancelling=model.cancelling(),
            ended=model.ended(),
            amends=len(model.amends()),
            pending=Amendment(*pending) if pending else None,
            amended_at=max((each.venue_time for each in model.amended()), default=0),
            amend_refused=model.amend_refused(),
            cancels=model.cancels(),
        )
        assert model.refused is not None or order.quantity == model.quantity()
        assert order.filled == model.filled()


def risk_holds_what_is_open_and_nothing_else(desk: Desk, house: House) -> None:
    """Reservations and counters equal sums over all orders and all fills."""
    for account in ACCOUNTS:
        risk = desk.risk(account)
        reserved = {model.placed.order_id: model.reserved() for model in house.of(account)}
        open_ = {known: quantity for known, quantity in reserved.items() if quantity}
        assert {known: held.quantity for known, held in risk.reservations.items()} == open_
        for instrument in INSTRUMENTS:
            exposure = risk.exposure(instrument)
            assert exposure.net_quantity == house.net(account, instrument)
            assert exposure.open_buys == house.reserved(account, instrument, Side.BUY)
            assert exposure.open_sells == house.reserved(account, instrument, Side.SELL)


def what_can_lie_on_the_book_is_known(desk: Desk, house: House) -> None:
    """Limit orders, and conditional ones with a limit price once they trigger or trade."""
    for account in ACCOUNTS:
        held = desk.risk(account).reservations
        for model in house.of(account):
            reservation, kind = held.get(model.placed.order_id), model.placed.type
            if reservation is not None:
                begun = model.triggered() or bool(model.fills())
                limited = model.placed.price is not None
                assert reservation.rests == (kind is OrderType.LIMIT or (limited and begun))
                assert reservation.waits == (kind in WAITING and limited and not begun)


def cash_profit_and_cost_add_up_to_the_last_digit(desk: Desk, house: House) -> None:
    """Profit is the cash that came in plus what is still bound, in positions and in the account."""
    for account in ACCOUNTS:
        profit = Fraction(0)
        for instrument in INSTRUMENTS:
            position = desk.position(account, instrument)
            assert position.net_quantity == house.net(account, instrument)
            assert position.cost >= 0
            assert position.cost == 0 or position.net_quantity != 0
            bound = Fraction(position.cost) * (1 if position.net_quantity > 0 else -1)
            assert Fraction(position.realised_total) == house.cash(account, instrument) + bound
            profit += Fraction(position.realised_total)
        realised = desk.risk(account).realised.values()
        assert sum(map(Fraction, realised), Fraction(0)) == profit


def fees_add_up_to_the_last_digit_in_each_currency(desk: Desk, house: House) -> None:
    """No fee is lost, none is added to money of another currency."""
    for account in ACCOUNTS:
        paid: dict[str, Fraction] = {}
        for fill in house.fills:
            if fill.account_id == account:
                fee = Fraction(fill.fee.amount)
                paid[fill.fee.currency] = paid.get(fill.fee.currency, Fraction(0)) + fee
        found = desk.risk(account).fees
        for currency in {*paid, *found}:
            assert found.get(currency, 0) == paid.get(currency, 0)
        positions = [desk.position(account, instrument) for instrument in INSTRUMENTS]
        own = (Fraction(position.fees_total) for position in positions)
        assert sum(own, Fraction(0)) == paid.get("USDT", 0)
        for currency in paid.keys() - {"USDT"}:
            others = (Fraction(position.other_fees.get(currency, 0)) for position in positions)
            assert sum(others, Fraction(0)) == paid[currency]


def funding_adds_up_to_the_last_digit_and_counts_once(desk: Desk, house: House) -> None:
    """Whatever came twice or early: the sums are those of the different payments."""
    for account in ACCOUNTS:
        total: dict[str, Fraction] = {}
        for instrument in INSTRUMENTS:
            paid: dict[str, Fraction] = {}
            for one in house.fundings:
                if (one.account_id, one.instrument_id) == (account, instrument):
                    amount = Fraction(one.payment.amount)
                    for sums in (paid, total):
                        sums[one.payment.currency] = sums.get(one.payment.currency, 0) + amount
            found = desk.position(account, instrument).funding
            for currency in {*paid, *found}:
                assert found.get(currency, 0) == paid.get(currency, 0)
        of_account = desk.risk(account).funding
        for currency in {*total, *of_account}:
            assert of_account.get(currency, 0) == total.get(currency, 0)
        balances = {
            name: known.balance.amount
            for (owner, name), known in house.balances.items()
            if owner == account
        }
        held = desk.risk(account).balances
        assert {name: balance.amount for name, balance in held.items()} == balances


def inputs_are_what_was_true(verdict: Event, order: PlaceOrder, house: House) -> None:
    """Whoever audits a decision sees the numbers that it was taken on."""
    assert isinstance(verdict, OrderAdmitted | OrderRefused)
    inputs, account, instrument = verdict.inputs, order.account_id, order.instrument_id
    assert inputs.net_quantity == house.net(account, instrument)
    assert inputs.open_buys == house.reserved(account, instrument, Side.BUY)
    assert inputs.open_sells == house.reserved(account, instrument, Side.SELL)
    assert inputs.open_orders == house.open_orders(account)
    assert inputs.reference == order.reference


def reserved_plus_used_is_within_every_limit(order: PlaceOrder, house: House) -> None:
    """Right after an admission, the new order counted as open."""
    limits = house.limits[order.account_id]
    price = order.price or (order.reference.price if order.reference is not None else None)
    assert price is not None
    if order.close_position:
        return  # what is held is not more than a limit let through before
    quantity, value = Fraction(order.quantity), Fraction(price) * Fraction(order.quantity)
    assert limits.order_quantity is None or quantity <= limits.order_quantity
    assert limits.order_notional is None or value <= limits.order_notional
    held = house.net(order.account_id, order.instrument_id) * order.side.sign
    worst = held + house.reserved(order.account_id, order.instrument_id, order.side)
    if order.reduce_only:
        assert worst <= 0
        return
    count = house.open_orders(order.account_id)
    assert limits.open_orders is None or count <= limits.open_orders
    if limits.position_notional is not None and worst > 0:
        assert worst * Fraction(price) <= limits.position_notional


def amended_order_is_within_every_limit(asked: PlaceOrder, order: OrderModel, house: House) -> None:
    """Right after an amend to more was admitted: what is held and all that may still trade."""
    limits = house.limits[asked.account_id]
    assert asked.price is not None
    reserved = order.most() - order.filled()
    assert reserved == Fraction(asked.quantity) - order.filled(), "what it needs, at once"
    quantity, value = Fraction(asked.quantity), Fraction(asked.price) * Fraction(asked.quantity)
    assert limits.order_quantity is None or quantity <= limits.order_quantity
    assert limits.order_notional is None or value <= limits.order_notional
    held = house.net(asked.account_id, asked.instrument_id) * asked.side.sign
    worst = held + house.reserved(asked.account_id, asked.instrument_id, asked.side)
    if asked.reduce_only:
        assert worst <= 0
    elif limits.position_notional is not None and worst > 0:
        assert worst * Fraction(asked.price) <= limits.position_notional
