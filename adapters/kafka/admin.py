"""Topics are created here, on purpose, with their settings; brokers create none by themselves.

A topic that is there already is left as it is, if it has the right number of partitions.

Exception
└── BrokerError           Kafka could not do what was asked: try again later
    └── TopicMismatch     a topic is there with another number of partitions: it belongs to
                          another release, or was created by hand
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from adapters.kafka.partition import PARTITIONS


class BrokerError(Exception):
    """Kafka could not do what was asked; try again later."""


class TopicMismatch(BrokerError):
    """A topic exists with another number of partitions than ours."""


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic as it must be."""

    name: str
    partitions: int = PARTITIONS
    settings: Mapping[str, str] = field(default_factory=dict)


async def ensure_topics(
    bootstrap: str, topics: Sequence[TopicSpec], *, replication: int, patience: float = 15.0
) -> list[str]:
    """Create the topics that are missing and return their names; raises BrokerError."""
    return await asyncio.to_thread(_ensure, bootstrap, topics, replication, patience)


def _ensure(
    bootstrap: str, topics: Sequence[TopicSpec], replication: int, timeout: float
) -> list[str]:
    client = AdminClient({"bootstrap.servers": bootstrap, "socket.timeout.ms": 10_000})
    wanted = [
        NewTopic(
            topic.name,
            num_partitions=topic.partitions,
            replication_factor=replication,
            config=dict(topic.settings),
        )
        for topic in topics
    ]
    created = []
    for name, future in client.create_topics(wanted, request_timeout=timeout).items():
        try:
            future.result(timeout=timeout + 5)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise BrokerError(f"topic {name} was not created: {error.args[0].str()}") from error
        except TimeoutError as error:
            raise BrokerError(f"topic {name} was not created: no answer from Kafka") from error
        else:
            created.append(name)
    _check(client, topics, timeout)
    return created


def _check(client: AdminClient, topics: Sequence[TopicSpec], timeout: float) -> None:
    try:
        known = client.list_topics(timeout=timeout).topics
    except KafkaException as error:
        raise BrokerError(f"topics cannot be listed: {error.args[0].str()}") from error
    for topic in topics:
        found = known.get(topic.name)
        # Metadata of a topic created a moment ago may not be everywhere yet.
        if found is not None and found.partitions and len(found.partitions) != topic.partitions:
            raise TopicMismatch(
                f"topic {topic.name} has {len(found.partitions)} partitions, expected "
                f"{topic.partitions}: delete it (the log is published again) or fix the address"
            )
