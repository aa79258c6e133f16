"""The topics: names, partitions, settings. All events in Kafka can be made again from the log."""

from typing import Final

from adapters.kafka.admin import TopicSpec, ensure_topics
from adapters.kafka.partition import PARTITIONS

EVENTS: Final = "patriot.events.v1"
"""The event log, partition by account; written by the relay alone."""
MARKET: Final = "patriot.market.v1"
"""Market data, keyed by instrument."""
DEADLETTER: Final = "patriot.deadletter.v1"
"""Records that could not be used, with what was wrong in their headers."""

_LARGEST_RECORD: Final = "4000000"

TOPICS: Final = (
    # Kept for ever: a new projection starts here. It may be deleted at any time; see relay.py.
    TopicSpec(EVENTS, PARTITIONS, {"retention.ms": "-1", "max.message.bytes": _LARGEST_RECORD}),
    TopicSpec(MARKET, PARTITIONS, {"retention.ms": "86400000", "segment.ms": "3600000"}),
    TopicSpec(DEADLETTER, PARTITIONS, {"retention.ms": "-1", "max.message.bytes": _LARGEST_RECORD}),
)


async def create_topics(bootstrap: str, *, replication: int) -> list[str]:
    """Create what is missing and return its names; raises BrokerError."""
    return await ensure_topics(bootstrap, TOPICS, replication=replication)
