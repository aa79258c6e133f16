"""Subscriptions of the eventsourcing library: woken by LISTEN, at the latest after a second.

Each has a connection of its own, not one of the pool, which a few subscriptions would use up, and
makes a new one when it breaks.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from threading import Thread
from typing import Any, Final

import psycopg
from eventsourcing.persistence import ApplicationRecorder, ListenNotifySubscription

_TURN_SECONDS: Final = 0.1
"""How soon stop() is noticed."""
_TURNS_UNTIL_LOOK: Final = 10
"""Turns without news after which the log is looked at anyway: news is lost with a connection."""


class LogSubscription(ListenNotifySubscription[ApplicationRecorder]):
    """Notifications of the log, in order, none left out."""

    def __init__(
        self,
        recorder: ApplicationRecorder,
        connect: Callable[[], psycopg.Connection[Any]],
        gt: int | None,
        topics: Sequence[str],
    ) -> None:
        super().__init__(recorder=recorder, gt=gt, topics=topics)
        self._connect = connect
        self._listen_thread = Thread(target=self._listen)
        self._listen_thread.start()

    def __exit__(self, *args: object, **kwargs: Any) -> None:
        try:
            super().__exit__(*args, **kwargs)
        finally:
            self._listen_thread.join()

    @property
    def _over(self) -> bool:
        return self._has_been_stopped or self._thread_error is not None

    def _listen(self) -> None:
        try:
            while not self._over:
                try:
                    with closing(self._connect()) as connection:
                        self._hear(connection)
                except psycopg.OperationalError:
                    # The pulling thread notices an outage that lasts, and ends the subscription.
                    self._has_been_notified.set()
        except BaseException as error:  # noqa: BLE001  (raised again in the subscriber's thread)
            self._thread_error = self._thread_error or error
            self.stop()

    def _hear(self, connection: psycopg.Connection[Any]) -> None:
        connection.execute("LISTEN patriot_log")
        # What was committed before LISTEN is not notified.
        self._has_been_notified.set()
        silent = 0
        while not self._over:
            silent += 1
            for _ in connection.notifies(timeout=_TURN_SECONDS, stop_after=1):
                silent = 0
                self._has_been_notified.set()
            if silent >= _TURNS_UNTIL_LOOK:
                silent = 0
                self._has_been_notified.set()
