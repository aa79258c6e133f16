"""How far a consumer of the event log is, and how it is doing; for health checks and metrics."""

from dataclasses import dataclass, field

from domain.ports import Clock
from streams import metrics
from streams.reading import Failure


@dataclass(slots=True)
class Progress:
    """How a consumer is doing; read by health checks and the watchdog."""

    name: str
    positions: dict[int, int] = field(default_factory=dict)
    """For each partition that this process has handled, its position."""
    seen: int = 0
    """The highest position that any record spoke of."""
    last_turn: float = 0.0
    """Monotonic time of the last batch, or of the last try."""
    waiting_for: str = ""
    """What is being waited for, in words; empty while all is well."""
    blocked: dict[int, Failure] = field(default_factory=dict)
    """Partitions that stand still until somebody acts."""

    def skip(self, through: int) -> None:
        """A record was passed over because everything up to `through` is applied."""
        self.seen = max(self.seen, through)
        metrics.PROJECTION_SKIPPED.labels(self.name).inc()

    def turn(self, clock: Clock) -> None:
        """A batch is done."""
        self.last_turn = clock.monotonic()
        self.show(clock.now())

    def keep(self, partitions: set[int]) -> None:
        """Forget what is said about partitions that belong to another process now."""
        for partition in self.positions.keys() - partitions:
            del self.positions[partition]
        for partition in self.blocked.keys() - partitions:
            del self.blocked[partition]

    def show(self, now: int) -> None:
        """Bring the metrics up to date; `now` in microseconds."""
        metrics.PROJECTION_HEARTBEAT.labels(self.name).set(now / 1_000_000)
        metrics.PROJECTION_BLOCKED.labels(self.name).set(len(self.blocked))
        if self.positions:
            position = min(self.positions.values())
            metrics.PROJECTION_POSITION.labels(self.name).set(position)
            metrics.PROJECTION_LAG.labels(self.name).set(max(0, self.seen - position))
