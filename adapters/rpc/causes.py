"""What a sender says of the cause of its commands, from the metadata of the call."""

import re
from typing import Any, Final, TypeAlias

import grpc

from adapters.rpc.translate import uuid

_TRACEPARENT: Final = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)

_Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


def traceparent_of(context: _Context) -> str:
    """The trace that the call belongs to; what is not in its form counts as absent."""
    for key, value in context.invocation_metadata() or ():
        if key == "traceparent" and isinstance(value, str) and _TRACEPARENT.fullmatch(value):
            return value
    return ""


def correlation_of(context: _Context) -> str:
    """What the command belongs to, a signal for example; raises InvalidRequest."""
    for key, value in context.invocation_metadata() or ():
        if key == "correlation-id" and isinstance(value, str):
            return uuid("correlation-id", value)
    return ""
