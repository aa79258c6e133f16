"""The handlers of what venues report: about orders, and about accounts. Nothing is decided here."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import grpc

from adapters.proto.v1 import venues_pb2, venues_pb2_grpc
from adapters.rpc.causes import traceparent_of
from adapters.rpc.command_server import BATCH_MAX, CommandHandlers
from adapters.rpc.guard import caller, time_left
from adapters.rpc.translate import InvalidRequest
from adapters.rpc.translate_accounts import account_report
from adapters.rpc.translate_external import report
from domain.funding.commands import RecordFunding
from domain.orders.commands import VenueReport
from domain.orders.external import RecordExternalOrder
from domain.risk.commands import RecordBalance

_Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
_Told: TypeAlias = VenueReport | RecordExternalOrder | RecordFunding | RecordBalance


class VenueReports(venues_pb2_grpc.VenueReportsServicer):
    """Reports of venue adapters."""

    def __init__(self, handlers: CommandHandlers) -> None:
        self._handlers = handlers

    async def RecordReports(  # noqa: N802
        self, request: venues_pb2.ReportBatch, context: _Context
    ) -> venues_pb2.ReportResults:
        """Record what a venue said; a malformed report fails the call, nothing is recorded."""
        return await self._recorded("record_reports", request.reports, report, context)

    async def RecordAccountReports(  # noqa: N802
        self, request: venues_pb2.AccountReportBatch, context: _Context
    ) -> venues_pb2.ReportResults:
        """Record what a venue said about accounts; as RecordReports."""
        return await self._recorded(
            "record_account_reports", request.reports, account_report, context
        )

    async def _recorded(
        self,
        operation: str,
        reports: Sequence[Any],
        translated: Callable[[Any], _Told],
        context: _Context,
    ) -> venues_pb2.ReportResults:
        if len(reports) > BATCH_MAX:
            raise InvalidRequest(f"reports: at most {BATCH_MAX} in one call")
        traceparent = traceparent_of(context)
        entries = []
        for each in reports:
            command = translated(each)
            owner = caller().account(command.account_id)
            entries.append(self._handlers.submission(each, command, owner, traceparent))
        results = await self._handlers.batch(
            operation, entries, within=time_left(context), recorded=True
        )
        return venues_pb2.ReportResults(results=results)
