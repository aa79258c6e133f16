"""Settings with which the eventsourcing library finds a log of the tests."""

from urllib.parse import urlsplit

from tests.support.servers import Database


def settings(database: Database, role: str = "patriot_append", **more: str) -> dict[str, str]:
    """Environment for an application of the library on our log."""
    parts = urlsplit(database.url(role))
    return {
        "PERSISTENCE_MODULE": "adapters.postgres.recorder",
        "POSTGRES_DBNAME": parts.path.lstrip("/"),
        "POSTGRES_HOST": str(parts.hostname),
        "POSTGRES_PORT": str(parts.port),
        "POSTGRES_USER": str(parts.username),
        "POSTGRES_PASSWORD": str(parts.password),
        **more,
    }
