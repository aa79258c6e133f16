"""The handlers of commands on limits, halts and pending changes."""

from typing import Any, TypeAlias

import grpc

from adapters.proto.v1 import common_pb2, risk_pb2, risk_pb2_grpc
from adapters.rpc import translate_allotments, translate_governance
from adapters.rpc.command_server import CommandHandlers
from adapters.rpc.guard import caller
from domain.ids import PLATFORM

_Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class RiskCommands(risk_pb2_grpc.RiskCommandsServicer):
    """Commands of risk managers and operators."""

    def __init__(self, handlers: CommandHandlers, *, second_person: bool) -> None:
        self._handlers = handlers
        self._second_person = second_person

    async def SetLimits(  # noqa: N802
        self, request: risk_pb2.SetLimitsRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Replace an account's limits, or propose to."""
        command = translate_governance.set_limits(
            request, caller(), second_person=self._second_person
        )
        owner = caller().account(command.account_id)
        return await self._handlers.unary("set_limits", request, context, command, owner)

    async def Halt(  # noqa: N802
        self, request: risk_pb2.HaltRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Halt a scope at once."""
        command = translate_governance.halt(request, caller())
        return await self._handlers.unary("halt", request, context, command, command.account_id)

    async def Resume(  # noqa: N802
        self, request: risk_pb2.ResumeRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Lift a halt, or propose to."""
        command = translate_governance.resume(request, caller(), second_person=self._second_person)
        return await self._handlers.unary("resume", request, context, command, command.account_id)

    async def ApproveChange(  # noqa: N802
        self, request: risk_pb2.ApproveChangeRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Let a pending change take effect."""
        command = translate_governance.approve_change(request, caller())
        owner = command.account_id
        return await self._handlers.unary("approve_change", request, context, command, owner)

    async def DeclineChange(  # noqa: N802
        self, request: risk_pb2.DeclineChangeRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Take a pending change off the list."""
        command = translate_governance.decline_change(request, caller())
        owner = command.account_id
        return await self._handlers.unary("decline_change", request, context, command, owner)

    async def SetWiderLimit(  # noqa: N802
        self, request: risk_pb2.SetWiderLimitRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Limit a sum over accounts, or propose to."""
        command = translate_allotments.set_wider_limit(
            request, caller(), second_person=self._second_person
        )
        return await self._handlers.unary("set_wider_limit", request, context, command, PLATFORM)

    async def MoveAllotment(  # noqa: N802
        self, request: risk_pb2.MoveAllotmentRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Give an account more of such a limit, or take from it."""
        command = translate_allotments.move_allotment(request, caller())
        owner = command.account_id
        return await self._handlers.unary("move_allotment", request, context, command, owner)
