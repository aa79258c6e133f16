"""The machine's clock and its source of fresh identities; nothing else reads either."""

import time
import uuid


class SystemClock:
    """Implements domain.ports.Clock."""

    def now(self) -> int:
        """Microseconds since 1970-01-01 UTC."""
        return time.time_ns() // 1000

    def monotonic(self) -> float:
        """Seconds that never go back, for time-outs only."""
        return time.monotonic()

    def new_uuid(self) -> str:
        """A fresh random UUID in canonical text."""
        return str(uuid.uuid4())
