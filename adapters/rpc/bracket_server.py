"""The handlers of commands on brackets; nothing is decided here."""

from typing import Any, TypeAlias

import grpc

from adapters.proto.v1 import brackets_pb2, brackets_pb2_grpc, common_pb2
from adapters.rpc.command_server import CommandHandlers
from adapters.rpc.guard import caller
from adapters.rpc.translate_brackets import place_bracket, protect_bracket

_Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class BracketCommands(brackets_pb2_grpc.BracketCommandsServicer):
    """Commands of traders on brackets."""

    def __init__(self, handlers: CommandHandlers) -> None:
        self._handlers = handlers

    async def PlaceBracket(  # noqa: N802
        self, request: brackets_pb2.PlaceBracketRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Admit or refuse an entry with its exits."""
        command = place_bracket(request, self._handlers.latest)
        owner = caller().account(command.account_id)
        return await self._handlers.unary("place_bracket", request, context, command, owner)

    async def ProtectBracket(  # noqa: N802
        self, request: brackets_pb2.ProtectBracketRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Send the exits that are missing."""
        command = protect_bracket(request)
        owner = caller().account(command.account_id)
        return await self._handlers.unary("protect_bracket", request, context, command, owner)
