"""Every follower of the log by the same three gauges: how far, how many behind, how long behind."""

from collections.abc import Collection
from typing import Final, NamedTuple

from adapters.telemetry import metrics


class Follower(NamedTuple):
    """Labels of one follower."""

    kind: str
    """subscription, projection or relay."""
    account_id: str
    """Of a subscription to one account; empty otherwise."""
    name: str


_GAUGES: Final = (
    metrics.SUBSCRIBER_POSITION,
    metrics.SUBSCRIBER_LAG,
    metrics.SUBSCRIBER_LAG_SECONDS,
)


def show(follower: Follower, position: int, head: int, age: float) -> None:
    """Set the gauges of one follower; nothing is behind a follower that is at the head."""
    lag = max(0, head - position)
    metrics.SUBSCRIBER_POSITION.labels(*follower).set(position)
    metrics.SUBSCRIBER_LAG.labels(*follower).set(lag)
    metrics.SUBSCRIBER_LAG_SECONDS.labels(*follower).set(age if lag else 0)


def forget(followers: Collection[Follower]) -> None:
    """Take gauges away whose follower is gone: a value that stays looks like one that is true."""
    for follower in followers:
        for gauge in _GAUGES:
            gauge.remove(*follower)
