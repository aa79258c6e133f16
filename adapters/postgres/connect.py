"""Connections that notice when the other side is gone, and the settings that keep commits safe."""

from typing import Any, Final

import psycopg

from domain.ports import LogUnsafe

CONNECTING: Final[dict[str, Any]] = {
    "connect_timeout": 5,
    # Without these a connection whose peer vanished without a word waits for ever.
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 5_000,
}
"""Parameters of every connection."""

_SAFE: Final = {"fsync": "on", "full_page_writes": "on"}
# "on" waits for the local flush at least; remote_apply and remote_write wait for more besides.
_SAFE_COMMIT: Final = {"on", "remote_apply", "remote_write"}


async def require_durable(connection: psycopg.AsyncConnection[Any]) -> None:
    """Raise LogUnsafe if the server can lose a commit that it acknowledged."""
    for name, wanted in _SAFE.items():
        value = await _setting(connection, name)
        if value != wanted:
            raise LogUnsafe(f"the log's server has {name}={value}: set it to {wanted}")
    value = await _setting(connection, "synchronous_commit")
    if value not in _SAFE_COMMIT:
        raise LogUnsafe(f"the log's server has synchronous_commit={value}: set it to on")


async def _setting(connection: psycopg.AsyncConnection[Any], name: str) -> str:
    row = await (await connection.execute("SELECT current_setting(%s)", (name,))).fetchone()
    return str(row[0]) if row else ""
