"""Commands that govern others, as somebody: what loosens is proposed, and that is no failure."""

from typing import Any, Final

import click

from adapters.cli.calling import Sender, command
from adapters.proto.v1 import common_pb2, risk_pb2_grpc
from domain.reasons import Reason

_ROLES: Final = ("operator", "risk_manager", "auditor")

signed_as = click.option(
    "--as", "subject", default="operator", show_default=True, help="Who signs the command."
)


def send(name: str, request: Any, subject: str) -> Any:
    """The answer; of a change that waits for a second person, the refusal that says so."""
    return command(
        risk_pb2_grpc.RiskCommandsStub,
        name,
        request,
        Sender("OPERATOR_TOKEN", subject, _ROLES),
        answers=lambda refusal: refusal.reason == Reason.APPROVAL_NEEDED,
    )


def tell(answer: Any, done: str) -> None:
    """Say what was done, or what another person has to do now."""
    if not isinstance(answer, common_pb2.Refusal):
        click.echo(done)
        return
    click.echo(f"proposed as change {answer.value}: it takes effect when another person approves")
