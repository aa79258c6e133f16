"""A TCP proxy that breaks connections where a test wants it: between two bytes of the protocol.

It runs in threads of its own, so that it serves asyncio and plain clients alike. Rules hold for one
occurrence; random faults follow a seed. A server that is away is a closed connection, no end of it.
"""

import random
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from threading import Lock, Thread, current_thread
from typing import Final
from urllib.parse import urlsplit, urlunsplit

_CHUNK: Final = 65_536
_CONNECT_SECONDS: Final = 5.0


class Fault(Enum):
    """What happens to a connection."""

    CUT = "both ends see it closed, what was in transit is lost"
    SILENCE = "nothing passes any more and nobody is told"


class Way(Enum):
    """Direction of traffic."""

    REQUEST = "client to server"
    REPLY = "server to client"


@dataclass(slots=True)
class _Rule:
    way: Way
    fault: Fault
    pattern: bytes = b""
    after: int = 0


@dataclass(eq=False, slots=True)
class _Connection:
    client: socket.socket
    server: socket.socket
    silent: bool = False
    pumps: int = 2
    passed: dict[Way, int] = field(default_factory=lambda: dict.fromkeys(Way, 0))
    tail: dict[Way, bytes] = field(default_factory=lambda: dict.fromkeys(Way, b""))

    def cut(self) -> None:
        for end in (self.client, self.server):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # closed already

    def close(self) -> None:
        self.client.close()
        self.server.close()


class ChaosProxy:
    """Passes everything until told otherwise."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._lock = Lock()
        self._rules: list[_Rule] = []
        self._connections: list[_Connection] = []
        self._threads: list[Thread] = []
        self._dark = False
        self._random: random.Random | None = None
        self._chance = 0.0
        self._delay = (0.0, 0.0)
        self.faults = 0
        """How often a connection was broken."""
        self.accepted = 0
        """How many connections were asked for."""
        self._accepting = Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def on(self, way: Way, pattern: bytes, fault: Fault) -> None:
        """Break the next connection that carries the pattern, before its bytes are passed on."""
        with self._lock:
            self._rules.append(_Rule(way, fault, pattern=pattern))

    def after(self, way: Way, count: int, fault: Fault) -> None:
        """Break the next connection that has carried so many bytes that way, exactly there."""
        with self._lock:
            self._rules.append(_Rule(way, fault, after=count))

    def passed(self, way: Way) -> int:
        """Most bytes that a connection which is open has carried that way."""
        with self._lock:
            return max((each.passed[way] for each in self._connections), default=0)

    def at_random(self, seed: int, chance: float) -> None:
        """Cut connections by chance, before a chunk is passed on; 0 ends it."""
        with self._lock:
            self._random, self._chance = random.Random(seed), chance

    def slow(self, least: float, most: float, seed: int = 0) -> None:
        """Hold every chunk back for a time between the two; 0, 0 ends it."""
        with self._lock:
            self._random = self._random or random.Random(seed)
            self._delay = (least, most)

    def cut_all(self) -> None:
        """Break every connection now."""
        with self._lock:
            for connection in self._connections:
                connection.cut()
            self.faults += len(self._connections)

    def heal(self) -> None:
        """No more rules, darkness or delay; what had gone silent is cut, as keepalives would."""
        with self._lock:
            self._rules.clear()
            self._chance, self._delay, self._dark = 0.0, (0.0, 0.0), False
            for connection in self._connections:
                if connection.silent:
                    connection.cut()

    def black_hole(self, *, dark: bool = True) -> None:
        """Swallow everything on every connection, new ones too; or stop to."""
        with self._lock:
            self._dark = dark
            for connection in self._connections:
                # What was swallowed is gone: such a connection never comes back.
                connection.silent = True

    def close(self) -> None:
        """End all connections and threads."""
        # Only a shutdown wakes the thread that waits in accept().
        self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listener.close()
        with self._lock:
            for connection in self._connections:
                connection.cut()
            threads = list(self._threads)
        for thread in threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            try:
                server = socket.create_connection(self._target, timeout=_CONNECT_SECONDS)
            except OSError:
                client.close()  # as if the server itself had refused
                continue
            server.settimeout(None)
            connection = _Connection(client, server)
            with self._lock:
                connection.silent = self._dark
                self._connections.append(connection)
                for way in Way:
                    thread = Thread(target=self._pump, args=(connection, way), daemon=True)
                    self._threads.append(thread)
                    thread.start()

    def _pump(self, connection: _Connection, way: Way) -> None:
        source, target = connection.client, connection.server
        if way is Way.REPLY:
            source, target = target, source
        try:
            while chunk := source.recv(_CHUNK):
                with self._lock:
                    passing = self._passing(connection, way, chunk)
                    pause = self._random.uniform(*self._delay) if self._random else 0.0
                if pause:
                    time.sleep(pause)
                if passing:
                    target.sendall(passing)
        except OSError:
            pass
        if not connection.silent:
            connection.cut()
        with self._lock:
            self._threads = [each for each in self._threads if each is not current_thread()]
            connection.pumps -= 1
            if not connection.pumps:
                # Only the last one closes: a number that is used again would be somebody else's.
                connection.close()
                self._connections.remove(connection)

    def _passing(self, connection: _Connection, way: Way, chunk: bytes) -> bytes:
        """The part of the chunk to pass on; breaks the connection if a rule says so."""
        if connection.silent:
            return b""
        seen = connection.tail[way] + chunk
        connection.passed[way] += len(chunk)
        connection.tail[way] = seen[-256:]
        for rule in self._rules:
            over = connection.passed[way] - rule.after
            if rule.way is not way:
                continue
            if rule.pattern and rule.pattern in seen:
                before_it = b""
            elif rule.after and over >= 0:
                before_it = chunk[: len(chunk) - over]
            else:
                continue
            self._rules.remove(rule)
            return self._break(connection, rule.fault, way, before_it)
        if self._random is not None and self._random.random() < self._chance:
            return self._break(connection, Fault.CUT, way, b"")
        return chunk

    def _break(self, connection: _Connection, fault: Fault, way: Way, passing: bytes) -> bytes:
        self.faults += 1
        if passing:
            (connection.client if way is Way.REPLY else connection.server).sendall(passing)
        if fault is Fault.SILENCE:
            connection.silent = True
        else:
            connection.cut()
        return b""


@contextmanager
def before(url: str) -> Iterator[tuple[ChaosProxy, str]]:
    """A proxy in front of a database, and the database's address through it."""
    parts = urlsplit(url)
    proxy = ChaosProxy(str(parts.hostname), parts.port or 5432)
    user = parts.netloc.rpartition("@")[0]
    try:
        yield proxy, urlunsplit(parts._replace(netloc=f"{user}@127.0.0.1:{proxy.port}"))
    finally:
        proxy.close()
