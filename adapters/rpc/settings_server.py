"""The handlers of an account's settings: leverage, position mode, margin mode."""

from typing import Any, TypeAlias

import grpc

from adapters.proto.v1 import common_pb2, settings_pb2, settings_pb2_grpc
from adapters.rpc import translate_users
from adapters.rpc.command_server import CommandHandlers
from adapters.rpc.guard import caller
from domain.accounts.commands import AccountSetting

_Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class AccountSettings(settings_pb2_grpc.AccountSettingsServicer):
    """Commands on how an account holds positions."""

    def __init__(self, handlers: CommandHandlers) -> None:
        self._handlers = handlers

    async def SetLeverage(  # noqa: N802
        self, request: settings_pb2.SetLeverageRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Hold an instrument at a leverage."""
        command = translate_users.set_leverage(request)
        return await self._set("set_leverage", request, context, command)

    async def ChangePositionMode(  # noqa: N802
        self, request: settings_pb2.ChangePositionModeRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """One-way or hedge."""
        command = translate_users.change_position_mode(request)
        return await self._set("change_position_mode", request, context, command)

    async def ChangeMarginMode(  # noqa: N802
        self, request: settings_pb2.ChangeMarginModeRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Cross or isolated."""
        command = translate_users.change_margin_mode(request)
        return await self._set("change_margin_mode", request, context, command)

    async def _set(
        self, operation: str, request: Any, context: _Context, command: AccountSetting
    ) -> common_pb2.CommandResult:
        owner = caller().account(command.account_id)
        return await self._handlers.unary(operation, request, context, command, owner)
