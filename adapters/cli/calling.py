"""Calls of the command line: where the services are, and a token for what its user may do.

COMMAND_SERVICE_ADDRESS and QUERY_SERVICE_ADDRESS say where; the token is OPERATOR_TOKEN (for what
traders do TRADER_TOKEN), or signed with the key of the data folder (PATRIOT_DATA). What a service
refuses is one sentence.
"""

import asyncio
import os
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import click
import grpc

from adapters.cli.operate import private_key
from adapters.clock import SystemClock
from adapters.proto.v1 import common_pb2
from adapters.rpc.tokens import Grant, mint
from adapters.settings import Environment

_SECONDS: Final = 15.0
_TOKEN_SECONDS: Final = 300
_REFUSAL: Final = "patriot-refusal-bin"


class Sender(NamedTuple):
    """On whose behalf a call is made."""

    variable: str
    """Of the environment, with a token."""
    subject: str
    roles: tuple[str, ...]


OPERATOR: Final = Sender("OPERATOR_TOKEN", "operator", ("operator", "auditor", "risk_manager"))
TRADER: Final = Sender("TRADER_TOKEN", "trader", ("trader",))


def command(
    stub: Callable[[grpc.aio.Channel], Any],
    name: str,
    request: Any,
    sender: Sender = OPERATOR,
    *,
    answers: Callable[[common_pb2.Refusal], bool] = lambda _: False,
) -> Any:
    """Send a command; a refusal that `answers` takes is no failure.

    It has a fresh id unless it has one already.
    """
    if not request.command_id:
        request.command_id = SystemClock().new_uuid()
    where = ("COMMAND_SERVICE_ADDRESS", 8004)
    return asyncio.run(_call(*where, stub, name, request, _token(sender), answers))


def query(
    stub: Callable[[grpc.aio.Channel], Any], name: str, request: Any, sender: Sender = OPERATOR
) -> Any:
    """Ask the query service."""
    where = ("QUERY_SERVICE_ADDRESS", 8002)
    return asyncio.run(_call(*where, stub, name, request, _token(sender)))


async def _call(
    variable: str,
    port: int,
    stub: Callable[[grpc.aio.Channel], Any],
    name: str,
    request: Any,
    token: str,
    answers: Callable[[common_pb2.Refusal], bool] = lambda _: False,
) -> Any:
    address = _environment().text(variable, f"127.0.0.1:{port}")
    metadata = (("authorization", f"Bearer {token}"),)
    try:
        async with grpc.aio.insecure_channel(address) as channel:
            return await getattr(stub(channel), name)(request, metadata=metadata, timeout=_SECONDS)
    except grpc.aio.AioRpcError as error:
        if error.code() is grpc.StatusCode.UNAVAILABLE:
            raise click.ClickException(
                f"nobody answers at {address}: start the service, or set {variable}"
            ) from None
        refusal = _refusal(error)
        if refusal is not None and answers(refusal):
            return refusal
        raise click.ClickException(error.details() or error.code().name) from None


def _refusal(error: grpc.aio.AioRpcError) -> common_pb2.Refusal | None:
    """The refusal behind a status; None if the command was not decided."""
    pairs: Any = error.trailing_metadata() or ()  # its declared type cannot be walked
    for name, value in pairs:
        if name == _REFUSAL and isinstance(value, bytes):
            return common_pb2.Refusal.FromString(value)
    return None


def _token(sender: Sender) -> str:
    given = _environment().text(sender.variable, "")
    if given:
        return given
    grant_all = Grant(sender.subject, ("*",), sender.roles, _TOKEN_SECONDS)
    return mint(private_key(), grant_all, now=int(time.time()))


def _environment() -> Environment:
    return Environment(dict(os.environ))
