"""`patriot log verify`, `export` and `import`: is the log what was appended, here or elsewhere?"""

import os
from pathlib import Path
from typing import Final

import click
import orjson

from adapters.audit import ndjson
from adapters.audit.archive import Archive, verify_archive
from adapters.audit.heads import HeadUnreadable, SignedHead
from adapters.audit.store import HeadFolder, kept_heads, kept_keys
from adapters.postgres.archive import exported, imported
from adapters.postgres.chain import verify_chain
from adapters.settings import Environment, SettingsError

_FORMATS: Final = ("ndjson", "parquet")
_SHARD: Final = 0


@click.command()
@click.option("--heads", type=click.Path(path_type=Path), help="Folder of signed heads.")
@click.option(
    "--key",
    "keys",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Public key that is trusted, instead of those in the folder; repeat for more.",
)
@click.option("--archive", type=click.Path(path_type=Path), help="An archive instead of the log.")
@click.option("--json", "as_json", is_flag=True, help="The result as a JSON object.")
def verify(
    heads: Path | None, keys: tuple[Path, ...], archive: Path | None, *, as_json: bool
) -> None:
    """Recompute the hash chain: was anything altered, removed, cut off or slipped in?

    Only signed heads show a log that was rewritten, or cut off, with everything made to fit.
    Exit code 1 and a sentence with the position when something is wrong.
    """
    if keys and heads is None:
        raise click.UsageError("--key goes with --heads")
    signed = _signed(heads, keys) if heads is not None else []
    if archive is None:
        recomputed = verify_chain(Environment(dict(os.environ)).text("DATABASE_URL"), signed)
        position, last = recomputed.position, recomputed.signed
    else:
        opened = _opened(archive)
        verify_archive(opened, signed)
        position = opened.header.last
        reached = [head for head in signed if opened.header.first <= head.position <= position]
        last = reached[-1] if reached else None
    what = "the log" if archive is None else str(archive)
    if as_json:
        signed_at = last.position if last is not None else None
        told = {"ok": True, "position": position, "heads": len(signed), "signed": signed_at}
        click.echo(orjson.dumps(told).decode())
    else:
        click.echo(f"{what} is what was appended, up to position {position}{_beside(signed, last)}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(_FORMATS), default="ndjson", show_default=True)
@click.option("--from", "first", default=1, type=click.IntRange(1), help="First position.")
@click.option("--to", "last", type=click.IntRange(1), help="Last position; the end if not given.")
def export(file: Path, form: str, first: int, last: int | None) -> None:
    """Write an archive of the log: FILE as NDJSON, or as a folder of Parquet files.

    It holds whole commits, so it may begin before --from and end after --to.
    """
    url = Environment(dict(os.environ)).text("DATABASE_URL")
    with exported(url, first=first, last=last, shard=_SHARD) as archive:
        if form == "parquet":
            from adapters.audit import parquet  # noqa: PLC0415  (slow to import)

            parquet.write(file, archive)
        else:
            ndjson.write(file, archive)
    header = archive.header
    click.echo(f"{file} holds the positions {header.first} to {header.last}")


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
def import_(file: Path) -> None:
    """Write an archive behind the log, with the same positions and chain.

    The log is empty, or ends right before the archive: several are imported in their order.
    LOG_ADMIN_URL: the log's owner or a superuser. Whole or not at all; verified before and after.
    """
    url = Environment(dict(os.environ)).text("LOG_ADMIN_URL")
    verify_archive(_opened(file))
    recomputed = imported(url, _opened(file))
    click.echo(f"the log is what {file} holds, up to position {recomputed.position}")


def _opened(file: Path) -> Archive:
    if file.is_dir():
        from adapters.audit import parquet  # noqa: PLC0415  (slow to import)

        return parquet.read(file)
    return ndjson.read(file)


def _signed(folder: Path, keys: tuple[Path, ...]) -> list[SignedHead]:
    """The signed heads of a folder, each with a right signature."""
    store = HeadFolder(folder)
    try:
        pems = [key.read_text(encoding="utf-8") for key in keys]
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"the key of signed heads cannot be read: {error}") from error
    signed = list(kept_heads(store, _SHARD, pems or kept_keys(store)))
    if not signed:
        raise HeadUnreadable(f"there are no signed heads in {folder}")
    return signed


def _beside(signed: list[SignedHead], last: SignedHead | None) -> str:
    if not signed:
        return ""
    if last is None:
        return "; none of the signed heads is of this part"
    return f", and fits the signed heads up to {last.position}"
