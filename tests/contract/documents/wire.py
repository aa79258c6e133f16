"""The calls of the wire contracts as Markdown: every RPC, its roles and its fields, explained.

The comments are those of the .proto files, which the generated Python code no longer has: protoc is
asked for a descriptor with its sources.
"""

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Final

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)
from grpc_tools import protoc  # type: ignore[import-untyped]

from adapters.rpc.rules import RULES

_ROOT: Final = Path(__file__).parents[3]
_PACKAGE: Final = "patriot.v1"
# Numbers of fields in descriptor.proto, by which protoc says where a comment belongs.
_MESSAGE, _ENUM, _SERVICE, _FIELD, _METHOD, _VALUE = 4, 5, 6, 2, 2, 2
_SCALARS: Final = {
    FieldDescriptorProto.TYPE_STRING: "string",
    FieldDescriptorProto.TYPE_BYTES: "bytes",
    FieldDescriptorProto.TYPE_BOOL: "bool",
    FieldDescriptorProto.TYPE_UINT32: "uint32",
    FieldDescriptorProto.TYPE_UINT64: "uint64",
    FieldDescriptorProto.TYPE_INT32: "int32",
    FieldDescriptorProto.TYPE_INT64: "int64",
}


class Comments:
    """The comments of one file, by where they stand."""

    def __init__(self, file: FileDescriptorProto) -> None:
        self._texts = {
            tuple(place.path): " ".join(
                f"{place.leading_comments} {place.trailing_comments}".split()
            )
            for place in file.source_code_info.location
        }

    def at(self, *path: int) -> str:
        """The comment in one line; empty when there is none."""
        return self._texts.get(path, "")


@lru_cache(maxsize=1)
def files() -> tuple[FileDescriptorProto, ...]:
    """The contracts of the product with their comments, by name."""
    sources = sorted(path.relative_to(_ROOT) for path in _ROOT.glob("adapters/proto/v1/*.proto"))
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(_ROOT):
        target = Path(folder) / "contracts"
        status = protoc.main(
            [
                "protoc",
                "-I.",
                f"-I{resources.files('grpc_tools') / '_proto'}",
                "--include_source_info",
                f"--descriptor_set_out={target}",
                *map(str, sources),
            ]
        )
        assert status == 0, "protoc did not understand the contracts"
        described = FileDescriptorSet.FromString(target.read_bytes())
    return tuple(file for file in described.file if file.package == _PACKAGE)


def calls(*services: str) -> Iterator[str]:
    """Lines of Markdown: every RPC of the services, and the messages and words that they use."""
    requests: list[str] = []
    for file in files():
        comments = Comments(file)
        for place, service in enumerate(file.service):
            if service.name not in services:
                continue
            yield from ("", f"### {service.name}")
            about = comments.at(_SERVICE, place)
            if about:
                yield from ("", about)
            yield from ("", "| call | request | roles | what it does |", "|---|---|---|---|")
            for number, method in enumerate(service.method):
                request = method.input_type.rpartition(".")[2]
                requests.append(request)
                roles = ", ".join(sorted(RULES[f"/{_PACKAGE}.{service.name}/{method.name}"]))
                stream = "stream of " if method.client_streaming else ""
                comment = comments.at(_SERVICE, place, _METHOD, number)
                yield f"| `{method.name}` | {stream}`{request}` | {roles} | {comment} |"
    yield from _shapes(requests)


def _shapes(wanted: Sequence[str]) -> Iterator[str]:
    """The messages, those within them, then the enums: each once, in the order of first use."""
    messages = {message.name: (file, message) for file in files() for message in file.message_type}
    enums = {words.name: (file, words) for file in files() for words in file.enum_type}
    queue, seen = list(wanted), set[str]()
    yield from ("", "### Requests")
    while queue:
        name = queue.pop(0)
        if name in seen or name not in messages:
            continue
        seen.add(name)
        file, message = messages[name]
        yield from _message(file, message)
        queue += [field.type_name.rpartition(".")[2] for field in message.field if field.type_name]
    used = {
        field.type_name.rpartition(".")[2]
        for name in seen
        for field in messages[name][1].field
        if field.type == FieldDescriptorProto.TYPE_ENUM
    }
    yield from ("", "### Words", "", "| enum | words | meaning |", "|---|---|---|")
    for name in sorted(used):
        yield _enum(*enums[name])


def _message(file: FileDescriptorProto, message: DescriptorProto) -> Iterator[str]:
    comments = Comments(file)
    place = list(file.message_type).index(message)
    yield from ("", f"#### {message.name}")
    about = comments.at(_MESSAGE, place)
    if about:
        yield from ("", about)
    yield from ("", "| number | field | form | meaning |", "|---|---|---|---|")
    for number, field in enumerate(message.field):
        comment = comments.at(_MESSAGE, place, _FIELD, number)
        one_of = "one of, " if field.HasField("oneof_index") else ""
        yield f"| {field.number} | `{field.name}` | {one_of}{_form(field)} | {comment} |"


def _form(field: FieldDescriptorProto) -> str:
    name = field.type_name.rpartition(".")[2]
    form = f"`{name}`" if name else _SCALARS[field.type]
    return f"list of {form}" if field.label == FieldDescriptorProto.LABEL_REPEATED else form


def _enum(file: FileDescriptorProto, words: EnumDescriptorProto) -> str:
    """One row; the first word, which says that nothing was said, is left out."""
    comments = Comments(file)
    place = list(file.enum_type).index(words)
    named = [
        f"`{value.name}`" + (f" ({comment})" if comment else "")
        for number, value in enumerate(words.value)
        if value.number
        for comment in [comments.at(_ENUM, place, _VALUE, number)]
    ]
    return f"| `{words.name}` | {', '.join(named)} | {comments.at(_ENUM, place)} |"
