"""JSON documents that a command takes, read into the message that it sends."""

import json
from typing import Any, TextIO, TypeVar

import click
from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import Message

_MessageT = TypeVar("_MessageT", bound=Message)

document = click.argument("file", type=click.File(encoding="utf-8"))


def read(file: TextIO, kind: type[_MessageT], what: str) -> _MessageT:
    """The message in a file, or in what is piped in; a slip is told in one sentence."""
    try:
        content: Any = json.load(file)
        if isinstance(content, dict):
            return ParseDict(content, kind())
        error: Exception = ParseError("expected an object in braces")
    except (ParseError, ValueError) as slip:
        error = slip
    raise click.ClickException(f"{file.name} holds no {what}: {error}")
