"""States of aggregates as bytes beside the log, and the checks that make them safe to use.

A snapshot is a cache. One that cannot be read, was altered or has another shape counts as absent,
and the stream is folded from its first event. One that the log contradicts is no cache any more: it
says that an older log was restored, and whoever reads it has to stop.

MessagePack, because the keys of some mappings are tuples, and each Decimal keeps all its digits.
"""

import hashlib
import logging
from dataclasses import replace
from struct import Struct
from typing import Any, Final

import msgspec

from domain.decision import Aggregate
from domain.dispatch import State, initial
from domain.envelope import RecordedEvent
from domain.layered import Layered
from domain.ports import SnapshotAhead, StoredSnapshot
from domain.shapes import fingerprint

_logger: Final = logging.getLogger(__name__)
_NUMBERS: Final = Struct("!iqi").pack


def shape_of(state: State) -> str:
    """The shape under which a state is kept."""
    return _SHAPES[type(state)]


def kept(state: State, last: RecordedEvent) -> StoredSnapshot:
    """The snapshot of a state that reflects its stream up to `last`."""
    bare = StoredSnapshot(
        stream_id=last.stream_id,
        shape=shape_of(state),
        version=last.version,
        position=last.position,
        event_digest=digest_of(last),
        state=_ENCODER.encode(state),
        checksum=b"",
    )
    return replace(bare, checksum=_checksum(bare))


def restored(snapshot: StoredSnapshot, kind: type[State]) -> State | None:
    """The state of a snapshot, or None if it is damaged."""
    if snapshot.shape != _SHAPES[kind]:
        why = "it has the shape of another state"
    elif _checksum(snapshot) == snapshot.checksum:
        try:
            state: State = _DECODERS[kind].decode(snapshot.state)
        except msgspec.MsgspecError as error:
            why = str(error)
        else:
            return state
    else:
        why = "its checksum is another"
    _logger.warning(
        "the snapshot of stream %s at version %d is damaged and ignored: %s; "
        "`patriot snapshots rebuild` writes it anew",
        snapshot.stream_id,
        snapshot.version,
        why,
    )
    return None


def require_in_log(snapshot: StoredSnapshot, event: RecordedEvent | None) -> None:
    """Raise SnapshotAhead unless the log's event at that version is the one that it reflects."""
    if event is not None and digest_of(event) == snapshot.event_digest:
        return
    raise ahead(snapshot.position.number, f"stream {snapshot.stream_id} has another event there")


def ahead(position: int, what: str) -> SnapshotAhead:
    """The one sentence on a restored log."""
    return SnapshotAhead(
        f"a snapshot reflects the log up to position {position}, but {what}: an older log was "
        "restored. Restore the newer one, or, if this one is to be kept, run `patriot snapshots "
        "rebuild` before the command service is started (docs/log.md)"
    )


def digest_of(event: RecordedEvent) -> bytes:
    """SHA-256 of an event with its place; the cause in its metadata makes every event another."""
    parts = (event.type.encode(), event.payload, event.metadata)
    head = _NUMBERS(event.position.shard, event.position.number, event.version)
    return hashlib.sha256(head + _joined(event.stream_id.encode(), *parts)).digest()


def _checksum(snapshot: StoredSnapshot) -> bytes:
    position = snapshot.position
    texts = (snapshot.stream_id.encode(), snapshot.shape.encode())
    head = _NUMBERS(position.shard, position.number, snapshot.version)
    return hashlib.sha256(head + _joined(*texts, snapshot.event_digest, snapshot.state)).digest()


def _joined(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


_KINDS: Final = [type(initial(kind)) for kind in Aggregate]
_SHAPES: Final[dict[type[Any], str]] = {kind: fingerprint(kind) for kind in _KINDS}
_DECODERS: Final[dict[type[Any], "msgspec.msgpack.Decoder[Any]"]] = {
    kind: msgspec.msgpack.Decoder(kind) for kind in _KINDS
}


def _plain(value: object) -> dict[Any, Any]:
    """What msgspec does not know: a layered mapping is stored as the dict that it stands for."""
    if isinstance(value, Layered):
        return dict(value)
    message = f"no stored form for {type(value).__name__}"
    raise TypeError(message)


_ENCODER: Final = msgspec.msgpack.Encoder(enc_hook=_plain)
