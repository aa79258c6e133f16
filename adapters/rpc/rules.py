"""Which roles may call which RPC; an RPC without a row is refused to everybody."""

from collections.abc import Mapping
from typing import Final

_READERS: Final = frozenset({"trader", "risk_manager", "operator", "auditor", "service"})

RULES: Final[Mapping[str, frozenset[str]]] = {
    "/patriot.v1.OrderCommands/PlaceOrder": frozenset({"trader", "service"}),
    "/patriot.v1.OrderCommands/CancelOrder": frozenset({"trader", "service"}),
    "/patriot.v1.OrderCommands/SubmitCommands": frozenset({"trader", "service"}),
    "/patriot.v1.OrderCommands/AmendOrder": frozenset({"trader", "service"}),
    "/patriot.v1.OrderCommands/ReplaceOrder": frozenset({"trader", "service"}),
    "/patriot.v1.OrderCommands/CancelAllOrders": frozenset({"trader", "risk_manager", "service"}),
    "/patriot.v1.BracketCommands/PlaceBracket": frozenset({"trader", "service"}),
    "/patriot.v1.BracketCommands/ProtectBracket": frozenset({"trader", "service"}),
    "/patriot.v1.BracketQueries/ListBrackets": _READERS,
    "/patriot.v1.RiskCommands/SetLimits": frozenset({"risk_manager"}),
    "/patriot.v1.RiskCommands/Halt": frozenset({"risk_manager", "operator", "service"}),
    "/patriot.v1.RiskCommands/Resume": frozenset({"risk_manager", "operator"}),
    "/patriot.v1.RiskCommands/ApproveChange": frozenset({"risk_manager", "operator"}),
    "/patriot.v1.RiskCommands/DeclineChange": frozenset({"risk_manager", "operator"}),
    "/patriot.v1.RiskCommands/SetWiderLimit": frozenset({"risk_manager"}),
    "/patriot.v1.RiskCommands/MoveAllotment": frozenset({"risk_manager"}),
    "/patriot.v1.RiskQueries/ListWiderLimits": _READERS,
    "/patriot.v1.RiskQueries/ListAllotments": _READERS,
    "/patriot.v1.RiskQueries/ListHalts": _READERS,
    "/patriot.v1.RiskQueries/ListChanges": _READERS,
    "/patriot.v1.RiskQueries/ListLimitsHistory": _READERS,
    "/patriot.v1.InstrumentCommands/ListInstrument": frozenset({"operator", "service"}),
    "/patriot.v1.VenueReports/RecordReports": frozenset({"service"}),
    "/patriot.v1.VenueReports/RecordAccountReports": frozenset({"service"}),
    "/patriot.v1.Queries/ListOrders": _READERS,
    "/patriot.v1.Queries/ListPositions": _READERS,
    "/patriot.v1.Queries/GetRisk": _READERS,
    "/patriot.v1.Queries/ListCash": _READERS,
    "/patriot.v1.Queries/ListVirtualPositions": _READERS,
    "/patriot.v1.AccountSettings/SetLeverage": frozenset({"trader", "risk_manager", "operator"}),
    "/patriot.v1.AccountSettings/ChangePositionMode": frozenset({"trader", "operator"}),
    "/patriot.v1.AccountSettings/ChangeMarginMode": frozenset({"trader", "operator"}),
    **{
        f"/patriot.v1.UserCommands/{name}": frozenset({"operator"})
        for name in (
            "RegisterUser",
            "GrantRole",
            "RevokeRole",
            "SuspendUser",
            "ReinstateUser",
            "EraseUser",
            "OpenAccount",
            "SuspendAccount",
            "ReinstateAccount",
            "CloseAccount",
        )
    },
    "/patriot.v1.VenueKeyCommands/AddVenueKey": frozenset({"operator"}),
    "/patriot.v1.VenueKeyCommands/RotateVenueKey": frozenset({"operator"}),
    "/patriot.v1.VenueKeyCommands/RevokeVenueKey": frozenset({"operator"}),
    "/patriot.v1.VenueKeyQueries/ListVenueKeys": _READERS,
    **{
        f"/patriot.v1.StrategyCommands/{name}": frozenset({"trader", "service"})
        for name in (
            "RegisterStrategy",
            "StartStrategy",
            "PauseStrategy",
            "StopStrategy",
            "ChangeAccess",
            "InviteFollower",
            "DismissFollower",
            "SubmitSignal",
            "Follow",
            "ChangeFollower",
            "Unfollow",
        )
    },
    "/patriot.v1.StrategyCommands/Copy": frozenset({"service"}),
    "/patriot.v1.StrategyCommands/AmendCopy": frozenset({"service"}),
    "/patriot.v1.StrategyCommands/ReportDrift": frozenset({"service"}),
    "/patriot.v1.StrategyQueries/ListStrategies": _READERS,
    "/patriot.v1.StrategyQueries/ListFollowers": _READERS,
    "/patriot.v1.StrategyQueries/ListInvitations": _READERS,
    "/patriot.v1.StrategyQueries/ListSignals": _READERS,
    "/patriot.v1.StrategyQueries/ListCopies": _READERS,
    "/patriot.v1.StrategyQueries/ListStrategyProfit": _READERS,
    "/patriot.v1.UserQueries/GetUser": frozenset({"auditor", "operator"}),
    "/patriot.v1.UserQueries/ListAccounts": _READERS,
    "/patriot.v1.InstrumentQueries/ListInstruments": _READERS,
    "/patriot.v1.Log/ReadStream": _READERS,
    "/patriot.v1.Log/ReadAll": _READERS,
    "/patriot.v1.Log/Subscribe": _READERS,
    "/patriot.v1.Subscriptions/Create": _READERS,
    "/patriot.v1.Subscriptions/List": _READERS,
    "/patriot.v1.Subscriptions/Get": _READERS,
    "/patriot.v1.Subscriptions/Delete": _READERS,
    "/patriot.v1.Subscriptions/Reset": _READERS,
    "/patriot.v1.Subscriptions/Consume": _READERS,
    "/patriot.v1.Subscriptions/ListParked": _READERS,
    "/patriot.v1.Subscriptions/ReplayParked": _READERS,
    "/patriot.v1.Subscriptions/DropParked": _READERS,
}

OPEN_TO_ALL: Final = ("/grpc.health.v1.Health/", "/grpc.reflection.")
"""Prefixes of RPCs that need no token."""
