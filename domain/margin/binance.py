"""Margin of Binance USD-M futures by its published formulas.

Initial margin and the cost of an order: https://www.binance.com/en/support/faq/
87fa7ee33b574f7084d42bd2ce2e463b. Maintenance margin is that of the tiers, and a position's
collateral in isolated margin is what was put behind it (tiers.py, prices.py). Fees are no margin
here. For bankruptcy price and isolated margin the venue publishes the definitions without figures.
"""

from decimal import Decimal

from domain.values import ZERO, Side, divided, magnitude, minus, plus, times


def initial_margin(value: Decimal, leverage: Decimal) -> Decimal:
    """Notional value / leverage."""
    return divided(value, leverage)


def order_cost(
    side: Side, quantity: Decimal, price: Decimal, leverage: Decimal, mark: Decimal
) -> Decimal:
    """Initial margin, and the loss that the order would begin with at this mark."""
    gain = times(minus(mark, price), Decimal(side.sign))
    open_loss = times(quantity, magnitude(min(ZERO, gain)))
    return plus(initial_margin(times(quantity, price), leverage), open_loss)


def isolated_collateral(cost: Decimal, leverage: Decimal, added: Decimal) -> Decimal:
    """The isolated wallet of a position: its initial margin at entry and what was added since."""
    return plus(divided(cost, leverage), added)
