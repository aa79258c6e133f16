"""The golden files: bytes as releases have stored them, one example a file.

`python -m tests.contract.golden` writes the files of examples that have none yet. It never touches
a file that exists: stored bytes are for ever, a changed shape is a new version of the type.
"""

from pathlib import Path
from typing import Final

from adapters.codec import encode, encode_metadata
from tests.contract.examples import EXAMPLES, METADATA

FOLDER: Final = Path(__file__).parent / "golden"


def path_of(example: str) -> Path:
    """The file of an example."""
    return FOLDER / f"{example.replace(' ', '-')}.json"


def golden_bytes(example: str) -> bytes:
    """What releases have stored; the file ends with one newline more."""
    return path_of(example).read_bytes().removesuffix(b"\n")


def current_bytes() -> dict[str, bytes]:
    """What this release would store for each example."""
    events = {example: encode(event)[1] for example, event in EXAMPLES.items()}
    return events | {name: encode_metadata(metadata) for name, metadata in METADATA.items()}


def write_missing() -> list[Path]:
    """Write the files of new examples; returns them."""
    new = [example for example in current_bytes() if not path_of(example).exists()]
    for example in new:
        path_of(example).write_bytes(current_bytes()[example] + b"\n")
    return [path_of(example) for example in new]


if __name__ == "__main__":
    for written in write_missing():
        print("written:", written.name)
