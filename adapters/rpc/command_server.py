"""The handlers of commands: translate, authorise, submit, answer. Nothing is decided here."""

import logging
from collections.abc import AsyncIterator, Awaitable, Sequence
from typing import Any, Final, Protocol, TypeAlias

import grpc

from adapters.commands.answers import Answer, Submission
from adapters.commands.engine import CommandEngine
from adapters.commands.waiting import Expired, Overloaded
from adapters.proto.v1 import (
    common_pb2,
    orders_pb2,
    orders_pb2_grpc,
    risk_pb2,
    risk_pb2_grpc,
)
from adapters.rpc import translate
from adapters.rpc.cancelling import cancels, scope_of
from adapters.rpc.causes import correlation_of, traceparent_of
from adapters.rpc.guard import Contended, caller, retry_after_ms, time_left
from adapters.rpc.ordering import in_order
from adapters.rpc.status import status_of
from adapters.rpc.translate import InvalidRequest
from adapters.rpc.translate_life import amend_order, order_command, replace_order
from adapters.telemetry import logs, metrics
from domain.dispatch import Command, State
from domain.ids import PLATFORM, AccountId, InstrumentId
from domain.orders.commands import ReferencePrice
from domain.ports import LogError
from domain.reasons import Reason, Rejected
from domain.risk import decide as risks

_logger: Final = logging.getLogger(__name__)
BATCH_MAX: Final = 1_000
_SETTINGS: Final = ("set_leverage", "change_position_mode", "change_margin_mode")
_AUDITED: Final = frozenset(
    {
        "set_limits",
        "halt",
        "resume",
        "approve_change",
        "decline_change",
        "set_wider_limit",
        "move_allotment",
        "list_instrument",
        "register_user",
        "grant_role",
        "revoke_role",
        "suspend_user",
        "reinstate_user",
        "erase_user",
        "open_account",
        "suspend_account",
        "reinstate_account",
        "close_account",
        "add_venue_key",
        "rotate_venue_key",
        "revoke_venue_key",
        *_SETTINGS,
    }
)
"""What changes the rules for others; the log of events has them too, with everything they say."""
_CONTENDED: Final = Reason.CONCURRENT_CHANGE
_NOT_OF_ORDERS: Final = frozenset(
    {
        Reason.ALREADY_HALTED,
        Reason.NOT_HALTED,
        Reason.BALANCE_OUTDATED,
        Reason.APPROVAL_NEEDED,
        Reason.CHANGE_UNKNOWN,
        Reason.CHANGE_EXPIRED,
        Reason.OWN_CHANGE,
        Reason.APPROVER_LACKS_ROLE,
        Reason.ALLOTMENT_EXHAUSTED,
        Reason.ALLOTMENT_TOO_SMALL,
        Reason.ALLOTMENT_IN_USE,
        Reason.ALLOTMENT_OF_OTHERS,
        Reason.WIDER_LIMIT_BELOW_SHARES,
    }
)
_VIOLATIONS: Final = frozenset(
    reason
    for reason in Reason
    if 2000 <= reason < 3000 and reason not in _NOT_OF_ORDERS  # noqa: PLR2004
)
"""What risk refuses orders for."""

_Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class ReferencePrices(Protocol):
    """The latest market price of each instrument."""

    def latest(self, instrument_id: InstrumentId) -> ReferencePrice | None:
        """The price, or None while none is known."""


class CommandHandlers:
    """What the servicers of one command service share."""

    def __init__(self, engine: CommandEngine, prices: ReferencePrices) -> None:
        self._engine = engine
        self.latest = prices.latest

    async def risk_of(self, account_id: AccountId) -> State:
        """The account's risk at the last commit; raises LogError."""
        return await self._engine.state_of(risks.stream(account_id))

    async def unary(
        self,
        operation: str,
        request: Any,
        context: _Context,
        command: Command,
        owner: AccountId,
        *,
        correlation_id: str = "",
    ) -> common_pb2.CommandResult:
        """Submit one command; a refusal becomes a status with the refusal in its metadata.

        Without a correlation of its own it takes the one that the sender names, if any.
        """
        submission = self.submission(
            request,
            command,
            owner,
            traceparent_of(context),
            correlation_id or correlation_of(context),
        )
        outcome = "not done"
        try:
            answer = await self._measured(
                operation, self._engine.submit(submission, within=time_left(context))
            )
            outcome = "done" if answer.rejected is None else answer.rejected.reason.name
        finally:
            if operation in _AUDITED:
                _logger.info(
                    "%s of %s: %s", operation, getattr(command, "user_id", owner), outcome,
                    extra={"log_category": "audit", "action": operation},
                )  # fmt: skip
        if answer.rejected is None:
            return result(answer)
        refusal = refusal_of(answer.rejected)
        await context.abort(
            status_of(answer.rejected.reason),
            f"{answer.rejected.reason.name}: {answer.rejected.detail}",
            (("patriot-refusal-bin", refusal.SerializeToString()),),
        )
        raise AssertionError  # abort raises

    async def batch(
        self,
        operation: str,
        entries: Sequence[Submission | common_pb2.CommandResult],
        *,
        within: float | None,
        recorded: bool = False,
    ) -> list[common_pb2.CommandResult]:
        """Submit the well-formed ones; one result for each entry, in order.

        What was not decided `within` so many seconds fails the call, which is over by then. With
        `recorded`, an answer that is not in the log (too busy, contended) fails the call: for
        senders that forget what was answered.
        """
        submissions = [entry for entry in entries if isinstance(entry, Submission)]
        outcomes = iter(await self._engine.submit_many(submissions, within=within))
        answered: list[Answer] = []
        results = []
        for entry in entries:
            if not isinstance(entry, Submission):
                results.append(entry)
                continue
            outcome = next(outcomes)
            if isinstance(outcome, LogError):
                metrics.COMMANDS.labels(operation, "unavailable").inc()
                raise outcome
            if isinstance(outcome, Expired):
                metrics.COMMANDS.labels(operation, "expired").inc()
                raise outcome
            if isinstance(outcome, Overloaded):
                metrics.COMMANDS.labels(operation, "overloaded").inc()
                if recorded:
                    raise outcome
                results.append(_overloaded(entry, outcome))
                continue
            answered.append(outcome)
            if recorded and outcome.rejected and outcome.rejected.reason is _CONTENDED:
                raise Contended("other writers kept changing the same streams: send it again")
            results.append(result(outcome))
        count(operation, answered)
        return results

    def submission(
        self,
        request: Any,
        command: Command,
        owner: AccountId,
        traceparent: str = "",
        correlation_id: str = "",
    ) -> Submission:
        """The command with its identity and its sender."""
        identity = translate.identified(request, request.command_id)
        logs.correlation_id.set(identity.command_id)
        return Submission(  # by place: domain/making.py says why
            command,
            identity.command_id,
            owner,
            caller().subject,
            correlation_id or identity.command_id,
            identity.fingerprint,
            traceparent,
        )

    async def _measured(self, operation: str, work: Any) -> Answer:
        try:
            answer: Answer = await metrics.track_operation_time(operation, "")(lambda: work)()
        except Overloaded:
            metrics.COMMANDS.labels(operation, "overloaded").inc()
            raise
        except Expired:
            metrics.COMMANDS.labels(operation, "expired").inc()
            raise
        except LogError:
            metrics.COMMANDS.labels(operation, "unavailable").inc()
            raise
        count(operation, [answer])
        return answer


class OrderCommands(orders_pb2_grpc.OrderCommandsServicer):
    """Commands of traders."""

    def __init__(self, handlers: CommandHandlers) -> None:
        self._handlers = handlers

    async def PlaceOrder(  # noqa: N802
        self, request: orders_pb2.PlaceOrderRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Admit or refuse an order."""
        command = translate.place_order(request, self._handlers.latest)
        owner = caller().account(command.account_id)
        return await self._handlers.unary("place_order", request, context, command, owner)

    async def CancelOrder(  # noqa: N802
        self, request: orders_pb2.CancelOrderRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Ask the venue to cancel."""
        command = translate.cancel_order(request)
        owner = caller().account(command.account_id)
        return await self._handlers.unary("cancel_order", request, context, command, owner)

    async def AmendOrder(  # noqa: N802
        self, request: orders_pb2.AmendOrderRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Ask the venue for another quantity or price, if risk admits it."""
        command = amend_order(request, self._handlers.latest)
        owner = caller().account(command.account_id)
        return await self._handlers.unary("amend_order", request, context, command, owner)

    async def ReplaceOrder(  # noqa: N802
        self, request: orders_pb2.ReplaceOrderRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Cancel an order and send another one in its place, if risk admits it."""
        command = replace_order(request, self._handlers.latest)
        owner = caller().account(command.account_id)
        return await self._handlers.unary("replace_order", request, context, command, owner)

    async def CancelAllOrders(  # noqa: N802
        self, request: orders_pb2.CancelAllOrdersRequest, context: _Context
    ) -> orders_pb2.CancelAllOrdersResult:
        """Ask the venue to cancel whatever is open of an account, an instrument, a strategy."""
        scope = scope_of(request)
        caller().account(scope.account_id)
        correlation = translate.identified(request, request.command_id).command_id
        asked = cancels(request, await self._handlers.risk_of(scope.account_id), scope)
        entries = [
            self._handlers.submission(
                each,
                translate.cancel_order(each),
                scope.account_id,
                traceparent_of(context),
                correlation,
            )
            for each in asked
        ]
        results = await self._handlers.batch(
            "cancel_all_orders", entries, within=time_left(context)
        )
        return orders_pb2.CancelAllOrdersResult(
            orders=[
                orders_pb2.CancelledOrder(order_id=each.order_id, result=result)
                for each, result in zip(asked, results, strict=True)
            ]
        )

    async def SubmitCommands(  # noqa: N802
        self, requests: AsyncIterator[orders_pb2.CommandBatch], context: _Context
    ) -> AsyncIterator[orders_pb2.ResultBatch]:
        """Answer batches in order while the next ones are already being decided."""
        traceparent = traceparent_of(context)

        def work(batch: orders_pb2.CommandBatch) -> Awaitable[list[common_pb2.CommandResult]]:
            return self._batch(batch, traceparent, context.time_remaining())

        async for results in in_order(requests, work):
            yield orders_pb2.ResultBatch(results=results)

    async def _batch(
        self, batch: orders_pb2.CommandBatch, traceparent: str, within: float | None = None
    ) -> list[common_pb2.CommandResult]:
        if len(batch.commands) > BATCH_MAX:
            raise InvalidRequest(f"commands: at most {BATCH_MAX} in one batch")
        entries = [self._entry(command, traceparent) for command in batch.commands]
        return await self._handlers.batch("submit_commands", entries, within=within)

    def _entry(
        self, asked: orders_pb2.OrderCommand, traceparent: str
    ) -> Submission | common_pb2.CommandResult:
        which = asked.WhichOneof("command")
        request: Any = getattr(asked, which) if which else None
        try:
            command = order_command(which, request, self._handlers.latest)
            owner = caller().account(command.account_id)
            return self._handlers.submission(request, command, owner, traceparent)
        except InvalidRequest as error:
            command_id = request.command_id if request is not None else ""
            refusal = refusal_of(Rejected(Reason.MALFORMED, str(error)))
            return common_pb2.CommandResult(command_id=command_id, refusal=refusal)


class InstrumentCommands(risk_pb2_grpc.InstrumentCommandsServicer):
    """Commands of operators on instruments."""

    def __init__(self, handlers: CommandHandlers) -> None:
        self._handlers = handlers

    async def ListInstrument(  # noqa: N802
        self, request: risk_pb2.ListInstrumentRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Make an instrument's rules known."""
        command = translate.list_instrument(request)
        caller().every_account()
        return await self._handlers.unary("list_instrument", request, context, command, PLATFORM)


def count(operation: str, answers: Sequence[Answer]) -> None:
    """Count answers, and what risk refused."""
    refused = [answer.rejected for answer in answers if answer.rejected is not None]
    if refused:
        metrics.COMMANDS.labels(operation, "refused").inc(len(refused))
    if len(answers) > len(refused):
        metrics.COMMANDS.labels(operation, "accepted").inc(len(answers) - len(refused))
    for refusal in refused:
        if refusal.reason in _VIOLATIONS:
            # Users are not told apart here: a label for each of them would have no bound.
            metrics.RISK_VIOLATIONS.labels("other", refusal.reason.name.lower(), "warning").inc()


def _overloaded(entry: Submission, error: Overloaded) -> common_pb2.CommandResult:
    """A refusal that is not recorded: the same command may be sent again, and then counts."""
    milliseconds = retry_after_ms(error)
    detail = f"too many commands wait: send it again after {milliseconds} ms"
    refusal = refusal_of(Rejected(Reason.OVERLOADED, detail))
    refusal.retry_after_ms = milliseconds
    return common_pb2.CommandResult(command_id=entry.command_id, refusal=refusal)


def result(answer: Answer) -> common_pb2.CommandResult:
    """An answer on the wire."""
    return common_pb2.CommandResult(
        command_id=answer.command_id,
        stream_version=answer.stream_version,
        position=common_pb2.Position(shard=answer.position.shard, number=answer.position.number),
        refusal=refusal_of(answer.rejected) if answer.rejected is not None else None,
    )


def refusal_of(rejected: Rejected) -> common_pb2.Refusal:
    """A refusal on the wire."""
    return common_pb2.Refusal(
        reason=int(rejected.reason),
        name=rejected.reason.name,
        detail=rejected.detail,
        limit=rejected.limit,
        value=rejected.value,
    )
