"""Puts generated lines between their marks in the documents, and leaves the prose around them.

A region is `<!-- generated: NAME -->` to `<!-- end -->`; `make docs` writes them all, and a test
holds every file to what would be written.
"""

import re
from pathlib import Path
from typing import Final

from tests.contract.documents import stored, wire

FOLDER: Final = Path(__file__).parents[3] / "docs"
COMMAND_SERVICES: Final = tuple(
    service.name
    for file in wire.files()
    for service in file.service
    if service.name.endswith("Commands") or service.name == "VenueReports"
)
_REGION: Final = re.compile(
    r"(?<=<!-- generated: )(?P<name>[a-z ]+)(?P<open> -->\n)(?P<body>.*?)(?=<!-- end -->)",
    re.DOTALL,
)


class UnknownRegion(LookupError):
    """A document marks a region that nothing generates: correct its name."""


def generated(text: str) -> str:
    """The text of a document as it has to be; raises UnknownRegion."""
    return _REGION.sub(lambda found: f"{found['name']}{found['open']}{_lines(found['name'])}", text)


def regions(text: str) -> set[str]:
    """Names of the regions that a document marks."""
    return {found["name"] for found in _REGION.finditer(text)}


def _lines(name: str) -> str:
    kind, _, which = name.partition(" ")
    if kind == "events" and which in stored.aggregates():
        lines = list(stored.table(which))
    elif name == "calls":
        lines = list(wire.calls(*COMMAND_SERVICES))
    else:
        raise UnknownRegion(name)
    return "\n".join((*lines, ""))


def write() -> list[Path]:
    """Write every document that is not as it has to be; returns them."""
    written = []
    for path in sorted(FOLDER.glob("*.md")):
        text = path.read_text()
        if generated(text) != text:
            path.write_text(generated(text))
            written.append(path)
    return written
