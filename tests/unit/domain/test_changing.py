"""changed() is dataclasses.replace(), only quicker."""

import dataclasses
from decimal import Decimal

import pytest

from domain.changing import changed
from domain.orders.state import Order, OrderStatus
from domain.risk.state import Risk
from domain.values import Side


def test_it_is_replace() -> None:
    order = Order(status=OrderStatus.ACCEPTED, side=Side.SELL, quantity=Decimal(7))
    assert changed(order) == order
    assert changed(order) is not order
    for changes in ({"status": OrderStatus.FILLED}, {"filled": Decimal(3), "currency": "USDT"}):
        assert changed(order, **changes) == dataclasses.replace(order, **changes)
    assert changed(Risk(), halted=True) == Risk(halted=True)
    assert order.status is OrderStatus.ACCEPTED


def test_a_field_that_is_none_is_refused() -> None:
    with pytest.raises(KeyError, match="colour"):
        changed(Order(), colour="red")
