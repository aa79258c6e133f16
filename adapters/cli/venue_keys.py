"""`patriot keys`: the API keys of accounts at their venues, and the master key above them all.

A secret is asked for or read from a file, never given as an argument: arguments can be read in the
list of processes. Where the services are: adapters/cli/calling.py.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click

from adapters.cli.calling import command, query
from adapters.keys.master import MasterKey
from adapters.postgres.rewrapping import Counts, rotate_master_key
from adapters.proto.v1 import (
    venue_key_queries_pb2,
    venue_key_queries_pb2_grpc,
    venue_keys_pb2,
    venue_keys_pb2_grpc,
)
from adapters.settings import secret_file

_SCHEMES: Final = ("hmac_sha256", "ed25519", "rsa_sha256")
_PERMISSIONS: Final = ("read", "trade", "withdraw")
_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def keys() -> None:
    """Add, rotate and revoke the API keys of accounts; change the master key."""


def _given(function: Any) -> Any:
    for option in (
        click.option("--secret-file", type=_FILE, help="Holds the secret; asked for if not given."),
        click.option("--api-key", prompt="API key", help="Asked for if not given."),
        click.option(
            "--permission",
            "permissions",
            type=click.Choice(_PERMISSIONS),
            multiple=True,
            default=("read", "trade"),
            help="What the venue lets the key do; read and trade if not given.",
        ),
        click.option("--label", required=True, help="Kept for ever: no personal data in here."),
        click.option("--scheme", type=click.Choice(_SCHEMES), default="hmac_sha256"),
        click.option("--venue", required=True, help="The account's venue, for example BINANCE."),
        click.argument("account_id"),
    ):
        function = option(function)
    return function


@keys.command()
@_given
def add(account_id: str, **given: Any) -> None:
    """Give an account its first API key."""
    _command("AddVenueKey", _request(account_id, **given))
    click.echo(f"account {account_id} has a key: see patriot accounts keys {account_id}")


@keys.command()
@_given
def rotate(account_id: str, **given: Any) -> None:
    """Give an account its next API key; the one before works until it is revoked."""
    _command("RotateVenueKey", _request(account_id, **given))
    click.echo(
        f"account {account_id} has a new key; revoke the old one when nothing uses it any more: "
        f"see patriot accounts keys {account_id}"
    )


@keys.command()
@click.argument("account_id")
@click.argument("version", type=click.IntRange(1, 2**31 - 1))
def revoke(account_id: str, version: int) -> None:
    """Take the secret of a key, for ever; revoke the key at the venue as well."""
    request = venue_keys_pb2.RevokeVenueKeyRequest(account_id=account_id, key_version=version)
    _command("RevokeVenueKey", request)
    click.echo(f"key {version} of account {account_id} is revoked: revoke it at the venue as well")


@keys.command("rotate-master")
@click.option("--database-url", envvar="REKEY_DATABASE_URL", required=True)
@click.option("--old", type=_FILE, required=True, help="File with the master key until now.")
@click.option("--new", type=_FILE, required=True, help="File with the next master key.")
def rotate_master(database_url: str, old: Path, new: Path) -> None:
    """Wrap all keys anew under the next master key; may be stopped and run again at any time.

    Every service must hold both keys before (docs/security.md). REKEY_DATABASE_URL is the log's
    database for the role patriot_rekey.
    """
    before, after = MasterKey(secret_file("--old", old)), MasterKey(secret_file("--new", new))
    counts = asyncio.run(rotate_master_key(database_url, before, after, _progress))
    click.echo(
        f"wrapped anew under {after.id.hex()}: {counts.subjects} keys of subjects, "
        f"{counts.venue_secrets} of venue secrets; none is left under another"
    )


@click.command("keys")
@click.argument("account_id")
def keys_of_account(account_id: str) -> None:
    """List the API keys that an account has or had at its venue; secrets are never shown."""
    request = venue_key_queries_pb2.ListVenueKeysRequest(account_id=account_id)
    found = query(venue_key_queries_pb2_grpc.VenueKeyQueriesStub, "ListVenueKeys", request)
    for key in found.keys:
        until = f" until {_time(key.revoked_at)}" if key.revoked_at else ""
        click.echo(
            f"{key.key_version:>4}  {key.status:<7}  {key.venue:<10}  {key.scheme:<11}  "
            f"…{key.hint}  {key.fingerprint}  {','.join(key.permissions):<10}  "
            f"from {_time(key.added_at)}{until}  {key.label}"
        )
    if not found.keys:
        click.echo("the account has no key")


def _request(account_id: str, **given: Any) -> venue_keys_pb2.VenueKeyRequest:
    path = given["secret_file"]
    secret = secret_file("--secret-file", path) if path else click.prompt("Secret", hide_input=True)
    return venue_keys_pb2.VenueKeyRequest(
        account_id=account_id,
        venue=given["venue"],
        scheme=f"VENUE_KEY_SCHEME_{given['scheme'].upper()}",
        api_key=given["api_key"],
        secret=secret,
        label=given["label"],
        permissions=[f"VENUE_KEY_PERMISSION_{word.upper()}" for word in given["permissions"]],
    )


def _command(name: str, request: Any) -> Any:
    return command(venue_keys_pb2_grpc.VenueKeyCommandsStub, name, request)


def _progress(counts: Counts) -> None:
    click.echo(f"{counts.subjects + counts.venue_secrets} so far", err=True)


def _time(microseconds: int) -> str:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
