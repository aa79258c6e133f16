"""Exact numbers: what is read, what is refused, and that no context of the thread matters."""

from decimal import Context, Decimal, localcontext

import pytest

from domain.values import (
    CurrencyMismatch,
    InvalidNumber,
    Money,
    Quantity,
    Side,
    divided,
    is_multiple,
    magnitude,
    minus,
    parse_decimal,
    parse_price,
    parse_quantity,
    plain,
    plus,
    rounded,
    signed,
    times,
)

LARGEST = "9" * 18 + "." + "9" * 18


@pytest.mark.parametrize("text", ["0", "1", "0.1", "007.50", "0.000000000000000001", LARGEST])
def test_plain_decimals_are_read_exactly(text: str) -> None:
    assert parse_decimal(text) == Decimal(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1.5\n",
        "1 ",
        "+1",
        "-1",
        "-0",
        "1e3",
        "1E400",
        "0x10",
        "1_000",
        "1,5",
        ".5",
        "5.",
        "NaN",
        "sNaN",
        "Infinity",
        "\u0661\u0662",
        "\uff11\uff12",
        "1\x00",
        "1" * 19,
        "0." + "1" * 19,
        "9" * 10_000,
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidNumber):
        parse_decimal(text)


@pytest.mark.parametrize("text", ["-0", "-0.000", "--1", "-", "-1e3", "- 1"])
def test_a_signed_number_has_one_spelling_of_zero_and_one_sign(text: str) -> None:
    with pytest.raises(InvalidNumber):
        parse_decimal(text, signed=True)


def test_a_signed_number_is_read_where_it_is_asked_for() -> None:
    assert parse_decimal("-1.50", signed=True) == Decimal("-1.5")


@pytest.mark.parametrize("text", ["0", "0.000", "-1", ""])
def test_prices_and_quantities_are_above_zero(text: str) -> None:
    with pytest.raises(InvalidNumber):
        parse_price(text)
    with pytest.raises(InvalidNumber):
        parse_quantity(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0"),
        ("-0.00", "0"),
        ("0E-18", "0"),
        ("1E+3", "1000"),
        ("12.500", "12.5"),
        ("100", "100"),
        ("-0.10", "-0.1"),
        ("1E-18", "0.000000000000000001"),
        (LARGEST, LARGEST),
    ],
)
def test_a_number_has_one_text(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text


def test_arithmetic_ignores_the_context_of_the_thread() -> None:
    with localcontext(Context(prec=3)):
        assert plus(Decimal("1.00001"), Decimal(1)) == Decimal("2.00001")
        assert minus(Decimal("1.00001"), Decimal(1)) == Decimal("0.00001")
        assert times(Decimal("1.00001"), Decimal("1.00001")) == Decimal("1.0000200001")
        assert magnitude(Decimal("-1.00001")) == Decimal("1.00001")
        assert divided(Decimal(1), Decimal(3)) == Decimal("0.333333333333333333")
        assert rounded(Decimal("1.00005"), 4) == Decimal("1.0000")
        assert signed(Side.SELL, Quantity(Decimal("1.00001"))) == Decimal("-1.00001")
        assert is_multiple(Decimal("1.00001"), Decimal("0.00001"))


def test_the_largest_numbers_of_the_wire_multiply_exactly_three_deep() -> None:
    largest = Decimal(LARGEST)
    product = times(times(largest, largest), largest)
    units = int(LARGEST.replace(".", ""))
    assert product == Decimal((0, tuple(int(d) for d in str(units**3)), -54))


@pytest.mark.parametrize(
    ("value", "places", "result"),
    [("0.5", 0, "0"), ("1.5", 0, "2"), ("2.5", 0, "2"), ("-2.5", 0, "-2"), ("0.125", 2, "0.12")],
)
def test_halves_are_rounded_to_even(value: str, places: int, result: str) -> None:
    assert rounded(Decimal(value), places) == Decimal(result)


def test_quotients_keep_eighteen_places() -> None:
    assert divided(Decimal(2), Decimal(3)) == Decimal("0.666666666666666667")
    assert divided(Decimal(-2), Decimal(3), 2) == Decimal("-0.67")


def test_the_grid_of_a_step() -> None:
    assert is_multiple(Decimal("1.2"), Decimal("0.3"))
    assert not is_multiple(Decimal("1.2"), Decimal("0.5"))


def test_sides() -> None:
    assert Side.BUY.opposite is Side.SELL
    assert Side.SELL.opposite is Side.BUY
    assert (Side.BUY.sign, Side.SELL.sign) == (1, -1)
    assert signed(Side.BUY, Quantity(Decimal(3))) == 3
    assert signed(Side.SELL, Quantity(Decimal(3))) == -3


def test_money_of_one_currency_adds_up() -> None:
    assert Money(Decimal(3), "USDT") + Money(Decimal(-1), "USDT") == Money(Decimal(2), "USDT")
    assert Money(Decimal(3), "USDT") - Money(Decimal(1), "USDT") == Money(Decimal(2), "USDT")
    assert -Money(Decimal(3), "USDT") == Money(Decimal(-3), "USDT")


def test_money_of_two_currencies_is_an_error() -> None:
    with pytest.raises(CurrencyMismatch, match="USDT with BNB"):
        _ = Money(Decimal(1), "USDT") + Money(Decimal(1), "BNB")
    with pytest.raises(CurrencyMismatch):
        _ = Money(Decimal(1), "USDT") - Money(Decimal(1), "BNB")
