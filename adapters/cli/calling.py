"""Calls of the command line: where the services are, and a token for what an operator may do.

COMMAND_SERVICE_ADDRESS and QUERY_SERVICE_ADDRESS say where; the token is OPERATOR_TOKEN, or signed
with the key of the data folder (PATRIOT_DATA). What a service refuses is one sentence.
"""

import asyncio
import os
import time
from collections.abc import Callable
from typing import Any, Final

import click
import grpc

from adapters.cli.operate import private_key
from adapters.clock import SystemClock
from adapters.rpc.tokens import Grant, mint
from adapters.settings import Environment

_SECONDS: Final = 15.0
_TOKEN_SECONDS: Final = 300


def command(stub: Callable[[grpc.aio.Channel], Any], name: str, request: Any) -> Any:
    """Send a command under a fresh id."""
    request.command_id = SystemClock().new_uuid()
    return asyncio.run(_call("COMMAND_SERVICE_ADDRESS", 8004, stub, name, request))


def query(stub: Callable[[grpc.aio.Channel], Any], name: str, request: Any) -> Any:
    """Ask the query service."""
    return asyncio.run(_call("QUERY_SERVICE_ADDRESS", 8002, stub, name, request))


async def _call(
    variable: str, port: int, stub: Callable[[grpc.aio.Channel], Any], name: str, request: Any
) -> Any:
    address = _environment().text(variable, f"127.0.0.1:{port}")
    metadata = (("authorization", f"Bearer {_token()}"),)
    try:
        async with grpc.aio.insecure_channel(address) as channel:
            return await getattr(stub(channel), name)(request, metadata=metadata, timeout=_SECONDS)
    except grpc.aio.AioRpcError as error:
        if error.code() is grpc.StatusCode.UNAVAILABLE:
            raise click.ClickException(
                f"nobody answers at {address}: start the service, or set {variable}"
            ) from None
        raise click.ClickException(error.details() or error.code().name) from None


def _token() -> str:
    given = _environment().text("OPERATOR_TOKEN", "")
    if given:
        return given
    grant_all = Grant("operator", ("*",), ("operator", "auditor", "risk_manager"), _TOKEN_SECONDS)
    return mint(private_key(), grant_all, now=int(time.time()))


def _environment() -> Environment:
    return Environment(dict(os.environ))
