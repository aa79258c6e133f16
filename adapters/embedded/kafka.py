"""A real Kafka broker on loopback in a folder of ours: KRaft, one node, topics only on request."""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from adapters.embedded.downloads import Servers
from adapters.embedded.errors import DataFolderMismatch, ProcessDied
from adapters.embedded.process import Child, require_free, until_ready

_LOGGING: Final = (
    "defaultLogLevel=warn",
    "showDateTime=true",
    "dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSZ",
)
_PROPERTIES: Final = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={logs}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=3
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
log.retention.ms=-1
log.segment.bytes=67108864
message.max.bytes=2097152
"""


@dataclass(slots=True)
class EmbeddedKafka:
    """Formats its folder on first use, then one broker process as our child."""

    servers: Servers
    folder: Path
    port: int
    controller_port: int
    _child: Child | None = None

    @property
    def brokers(self) -> str:
        """Bootstrap address."""
        return f"127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start and wait until it answers; raises an EmbeddedError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        properties = self.folder / "server.properties"
        logs = self.folder / "logs"
        properties.write_text(
            _PROPERTIES.format(port=self.port, controller_port=self.controller_port, logs=logs),
            encoding="utf-8",
        )
        if not (logs / "meta.properties").exists():
            await self._format(properties)
        require_free(self.port, "Kafka", "PATRIOT_KAFKA_PORT")
        require_free(self.controller_port, "Kafka's controller", "PATRIOT_KAFKA_CONTROLLER_PORT")
        self._child = self._java(
            "Kafka", "kafka.Kafka", [str(properties)], self.folder / "kafka.log"
        )
        self._child.start()
        await until_ready(self._child, self._answers, seconds=90, pause=0.2)

    async def stop(self) -> None:
        """Controlled shutdown."""
        if self._child is not None:
            await self._child.stop(grace=30)

    @property
    def child(self) -> Child:
        """The broker process; raises ProcessDied before start()."""
        if self._child is None:
            raise ProcessDied("Kafka was not started")
        return self._child

    def _java(self, name: str, main: str, arguments: list[str], log: Path) -> Child:
        memory = ["-Xms256m", "-Xmx512m", "-XX:+UseSerialGC"]
        logs = [f"-Dorg.slf4j.simpleLogger.{setting}" for setting in _LOGGING]
        classes = ["-cp", f"{self.servers.kafka_jars}/*"]
        return Child(
            name=name,
            command=[self.servers.java, *memory, *logs, *classes, main, *arguments],
            log=log,
            environment={"LC_ALL": "C.UTF-8", "TZ": "UTC"},
        )

    async def _format(self, properties: Path) -> None:
        # The cluster id only has to differ between folders, so it is derived from the path.
        digest = hashlib.sha256(str(self.folder.resolve()).encode()).digest()[:16]
        cluster = base64.urlsafe_b64encode(digest).decode().rstrip("=").replace("-", "A")
        arguments = ["format", "-t", cluster, "-c", str(properties)]
        child = self._java(
            "Kafka's format", "kafka.tools.StorageTool", arguments, self.folder / "format.log"
        )
        child.start()
        if await child.wait() != 0:
            text = str(child.died())
            if "Invalid cluster.id" in text or "already formatted" in text:
                raise DataFolderMismatch(
                    f"{self.folder} belongs to another Kafka: choose another with PATRIOT_DATA"
                )
            raise ProcessDied(text)

    def _answers(self) -> bool:
        client = AdminClient({"bootstrap.servers": self.brokers, "log_level": 0})
        try:
            return bool(client.list_topics(timeout=2).brokers)
        except KafkaException:
            return False
