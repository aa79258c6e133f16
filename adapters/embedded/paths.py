"""Where the embedded system keeps things: downloads in a cache, the rest in a data folder."""

import os
from pathlib import Path
from typing import Final

POM: Final = Path(__file__).parents[2] / "infra" / "embedded" / "pom.xml"
MIGRATIONS: Final = Path(__file__).parents[2] / "infra" / "migrations"


def default_cache() -> Path:
    """PATRIOT_CACHE, or a folder that an unprivileged server can reach also when we are root."""
    given = os.environ.get("PATRIOT_CACHE")
    if given:
        return Path(given)
    return Path("/var/cache/patriot") if os.geteuid() == 0 else Path.home() / ".cache" / "patriot"


def default_data() -> Path:
    """PATRIOT_DATA, or a folder that an unprivileged server can reach also when we are root."""
    given = os.environ.get("PATRIOT_DATA")
    if given:
        return Path(given)
    if os.geteuid() == 0:
        return Path("/var/lib/patriot")
    return Path.home() / ".local" / "share" / "patriot"
