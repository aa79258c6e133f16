"""The handlers of commands on strategies, signals and followers; nothing is decided here."""

from typing import Any, Final, TypeAlias

import grpc

from adapters.proto.v1 import common_pb2, strategies_pb2, strategies_pb2_grpc
from adapters.rpc import translate_strategies as translate
from adapters.rpc.command_server import CommandHandlers
from adapters.rpc.guard import caller
from adapters.telemetry import metrics
from domain.strategies.commands import (
    AmendCopy,
    ChangeFollower,
    CopyIntent,
    DismissFollower,
    FollowStrategy,
    InviteFollower,
    PauseStrategy,
    StartStrategy,
    StopStrategy,
    StrategyCommand,
    UnfollowStrategy,
)
from domain.strategies.commands import SubmitSignal as Signal

_Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
_COUNTED_MAX: Final = 200
"""Strategies with a series of their own."""


class StrategyCommands(strategies_pb2_grpc.StrategyCommandsServicer):
    """Commands of who leads, of who follows, and of the worker between them."""

    def __init__(self, handlers: CommandHandlers) -> None:
        self._handlers = handlers
        self._counted: set[str] = set()

    async def RegisterStrategy(  # noqa: N802
        self, request: strategies_pb2.RegisterStrategyRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Make a strategy known."""
        command = translate.register(request)
        return await self._done("register_strategy", request, context, command)

    async def StartStrategy(  # noqa: N802
        self, request: strategies_pb2.StrategyRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Let it trade."""
        command = translate.moving(request, StartStrategy)
        return await self._done("start_strategy", request, context, command)

    async def PauseStrategy(  # noqa: N802
        self, request: strategies_pb2.StrategyRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Let it only reduce."""
        command = translate.moving(request, PauseStrategy)
        return await self._done("pause_strategy", request, context, command)

    async def StopStrategy(  # noqa: N802
        self, request: strategies_pb2.StrategyRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """End it for ever."""
        command = translate.moving(request, StopStrategy)
        return await self._done("stop_strategy", request, context, command)

    async def ChangeAccess(  # noqa: N802
        self, request: strategies_pb2.AccessRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Open it, or close it to all but the invited."""
        command = translate.change_access(request)
        return await self._done("change_access", request, context, command)

    async def InviteFollower(  # noqa: N802
        self, request: strategies_pb2.InvitationRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Let an account follow."""
        command = translate.invitation(request, InviteFollower)
        return await self._done("invite_follower", request, context, command)

    async def DismissFollower(  # noqa: N802
        self, request: strategies_pb2.InvitationRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Let it follow no more."""
        command = translate.invitation(request, DismissFollower)
        return await self._done("dismiss_follower", request, context, command)

    async def SubmitSignal(  # noqa: N802
        self, request: strategies_pb2.SubmitSignalRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Take a signal; what it leads to has its id as correlation."""
        command = translate.submit_signal(request)
        answer = await self._done(
            "submit_signal", request, context, command, correlation_id=command.signal_id
        )
        self._count(command)
        return answer

    async def Follow(  # noqa: N802
        self, request: strategies_pb2.FollowRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Copy a strategy from now on."""
        command = translate.follow(request, FollowStrategy)
        return await self._done("follow", request, context, command)

    async def ChangeFollower(  # noqa: N802
        self, request: strategies_pb2.FollowRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Follow on other terms."""
        command = translate.follow(request, ChangeFollower)
        return await self._done("change_follower", request, context, command)

    async def Unfollow(  # noqa: N802
        self, request: strategies_pb2.StrategyRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Copy nothing more."""
        command = translate.moving(request, UnfollowStrategy)
        return await self._done("unfollow", request, context, command)

    async def Copy(  # noqa: N802
        self, request: strategies_pb2.CopyRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """One intent for one follower; its events carry the intent's id as correlation."""
        command = translate.copy(request, self._handlers.latest, CopyIntent)
        intent_id = command.intent.intent_id
        return await self._done("copy_intent", request, context, command, correlation_id=intent_id)

    async def AmendCopy(  # noqa: N802
        self, request: strategies_pb2.CopyRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Bring a copy to what the leader's order is now."""
        command = translate.copy(request, self._handlers.latest, AmendCopy)
        intent_id = command.intent.intent_id
        return await self._done("amend_copy", request, context, command, correlation_id=intent_id)

    async def ReportDrift(  # noqa: N802
        self, request: strategies_pb2.ReportDriftRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """A follower is not where it should be."""
        command = translate.report_drift(request, self._handlers.latest)
        return await self._done("report_drift", request, context, command)

    def _count(self, signal: Signal) -> None:
        """One more signal; a label for each strategy there could ever be would have no bound."""
        if len(self._counted) < _COUNTED_MAX:
            self._counted.add(signal.strategy_id)
        strategy = signal.strategy_id if signal.strategy_id in self._counted else "other"
        action = "target" if signal.side is None else signal.side.value
        metrics.STRATEGY_SIGNALS.labels(strategy, signal.instrument_id, action).inc()

    async def _done(
        self,
        operation: str,
        request: Any,
        context: _Context,
        command: StrategyCommand,
        *,
        correlation_id: str = "",
    ) -> common_pb2.CommandResult:
        owner = caller().account(command.account_id)
        return await self._handlers.unary(
            operation, request, context, command, owner, correlation_id=correlation_id
        )
