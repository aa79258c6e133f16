"""The handlers of commands on venue keys: the secret is sealed and kept before anything decides.

What leaves this module holds no secret; the fingerprint of a command is made of a stand-in. What
was kept for a command that is then refused can never be used, and goes after a day.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import grpc

from adapters.keys.subjects import SubjectKeys
from adapters.keys.venue import VenueSecrets
from adapters.proto.v1 import common_pb2, venue_keys_pb2, venue_keys_pb2_grpc
from adapters.rpc import translate, translate_venue_keys
from adapters.rpc.command_server import CommandHandlers
from adapters.rpc.guard import caller
from domain.accounts.commands import AddVenueKey, RotateVenueKey
from domain.accounts.events import VenueKey
from domain.dispatch import Command
from domain.ids import AccountId, UserId, derived

_Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class VenueKeyCommands(venue_keys_pb2_grpc.VenueKeyCommandsServicer):
    """Commands of operators on the API keys of accounts."""

    def __init__(
        self, handlers: CommandHandlers, keys: SubjectKeys | None, secrets: VenueSecrets | None
    ) -> None:
        self._handlers = handlers
        self._keys = keys
        self._secrets = secrets

    async def AddVenueKey(  # noqa: N802
        self, request: venue_keys_pb2.VenueKeyRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """The first key of an account."""
        return await self._kept("add_venue_key", request, context, AddVenueKey)

    async def RotateVenueKey(  # noqa: N802
        self, request: venue_keys_pb2.VenueKeyRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """A second key beside the one that it replaces."""
        return await self._kept("rotate_venue_key", request, context, RotateVenueKey)

    async def RevokeVenueKey(  # noqa: N802
        self, request: venue_keys_pb2.RevokeVenueKeyRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """The end of a key: the commit of the event takes the secret."""
        command = translate_venue_keys.revoke_venue_key(request)
        owner = caller().account(command.account_id)
        return await self._handlers.unary("revoke_venue_key", request, context, command, owner)

    async def _kept(
        self,
        operation: str,
        request: venue_keys_pb2.VenueKeyRequest,
        context: _Context,
        make: Callable[[AccountId, VenueKey], Command],
    ) -> common_pb2.CommandResult:
        secret = translate_venue_keys.secret_of(request)
        owner = caller().account(translate.account(request.account_id))
        if self._keys is None or self._secrets is None:
            return await _without(context)
        key = await self._keys.ensure(_subject(owner))
        if key is None:
            return await _without(context)
        version = await self._secrets.stage(owner, request.venue, secret)
        command = make(owner, translate_venue_keys.venue_key(request, secret, version))
        veiled = translate_venue_keys.veiled(request, secret, key)
        return await self._handlers.unary(operation, veiled, context, command, owner)


async def _without(context: _Context) -> common_pb2.CommandResult:
    await context.abort(
        grpc.StatusCode.FAILED_PRECONDITION,
        "this service keeps no venue keys: set KEYS_DATABASE_URL and PATRIOT_MASTER_KEY",
    )
    raise AssertionError  # abort raises


def _subject(account_id: AccountId) -> UserId:
    """Whose key the fingerprints of an account's commands are made with: no user's id."""
    return UserId(derived("venue keys", account_id))
