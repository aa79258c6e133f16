"""An account in hedge mode as of a position: every leg is shown, each with what it holds."""

from collections import Counter

import orjson

from adapters.cli.replay_view import as_json, as_text
from adapters.codec import encode
from domain.envelope import LogPosition, RecordedEvent
from domain.ids import StreamId
from domain.values import PositionSide
from projections.asof import AsOf
from tests.support.reports import funded
from tests.support.trading import ACCOUNT, SUSHI, Desk
from tests.unit.domain.test_hedge import both_held


def _replayed(trading: Desk) -> AsOf:
    asof, versions = AsOf(), Counter[StreamId]()
    for number, (stream, event) in enumerate(trading.changes, 1):
        versions[stream.stream_id] += 1
        name, payload = encode(event)
        recorded = RecordedEvent(
            LogPosition(0, number), stream.stream_id, versions[stream.stream_id], name,
            stream.account_id, payload, b"",
        )  # fmt: skip
        asof.apply(recorded, event)
    asof.finish(len(trading.changes))
    return asof


def test_legs_are_shown_beside_each_other_and_decided_alike() -> None:
    trading = both_held()
    trading.events(funded("f-1", "0.5", side=PositionSide.SHORT))
    asof = _replayed(trading)
    assert asof.differences == 0
    found = {held: one.net_quantity for held, one in asof.positions(ACCOUNT).items()}
    assert found == {(SUSHI, PositionSide.LONG): 10, (SUSHI, PositionSide.SHORT): -4}
    text = as_text(asof, asof.position, account=ACCOUNT, order=None)
    assert f"{SUSHI} long   net 10, cost 80" in text
    assert f"{SUSHI} short  net -4, cost 32" in text
    assert f"{SUSHI}        net" not in text
    assert "funding 0.5 USDT" in text
    shown = orjson.loads(as_json(asof, asof.position, account=ACCOUNT, order=None))
    [account] = shown["accounts"]
    assert set(account["positions"]) == {f"{SUSHI} long", f"{SUSHI} short"}
    assert account["risk"]["funding"] == {"USDT": "0.5"}
