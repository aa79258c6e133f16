"""`patriot instruments`: list an instrument with its rules, and show those that are listed.

COMMAND_SERVICE_ADDRESS and QUERY_SERVICE_ADDRESS say where; the token is OPERATOR_TOKEN, or signed
with the key of the data folder (PATRIOT_DATA).
"""

import json
from typing import TextIO

import click
from google.protobuf.json_format import MessageToDict

from adapters.cli import listing
from adapters.cli.calling import command, query
from adapters.cli.documents import document, read
from adapters.proto.v1 import (
    instrument_queries_pb2,
    instrument_queries_pb2_grpc,
    risk_pb2,
    risk_pb2_grpc,
)


@click.group()
def instruments() -> None:
    """List instruments with their rules and margin tiers."""


@instruments.command("list")
def list_instruments() -> None:
    """Show every listed instrument."""
    request = instrument_queries_pb2.ListInstrumentsRequest()
    stub = instrument_queries_pb2_grpc.InstrumentQueriesStub
    rows = listing.rows(stub, "ListInstruments", request, "instruments")
    listing.show(map(_line, rows), "no instrument is listed")


@instruments.command()
@click.argument("instrument")
def show(instrument: str) -> None:
    """Show the rules of INSTRUMENT as JSON, in the form that `set` reads."""
    request = instrument_queries_pb2.ListInstrumentsRequest(instrument=instrument)
    found = query(instrument_queries_pb2_grpc.InstrumentQueriesStub, "ListInstruments", request)
    if not found.instruments:
        raise click.ClickException(f"{instrument} is not listed")
    [one] = found.instruments
    click.echo(_json(one.rules))


@instruments.command("set")
@click.argument("instrument")
@document
def set_rules(instrument: str, file: TextIO) -> None:
    """List INSTRUMENT with the rules in FILE (JSON, - for standard input), replacing others."""
    rules = read(file, risk_pb2.TradingRules, "rules")
    request = risk_pb2.ListInstrumentRequest(instrument=instrument, rules=rules)
    command(risk_pb2_grpc.InstrumentCommandsStub, "ListInstrument", request)
    click.echo(f"{instrument} is listed")


def _line(one: instrument_queries_pb2.InstrumentRecord) -> str:
    rules = one.rules
    state = "trading" if rules.trading else "halted"
    tiers = rules.margin_tiers
    most = f"up to {tiers[0].maximum_leverage}x" if tiers else "no margin tiers"
    return (
        f"{one.instrument:<24}  v{one.rules_version:<3}  {state:<7}  {rules.currency:<5}  "
        f"tick {rules.tick}  step {rules.step}  taker {rules.taker_fee}  {most}"
    )


def _json(rules: risk_pb2.TradingRules) -> str:
    return json.dumps(MessageToDict(rules, preserving_proto_field_name=True), indent=2)
