"""The handlers of queries on users and accounts: personal data is opened here, at the last moment.

It is read sealed from the log and opened for the one who asks; no read model, cache or log of ours
ever holds it. What can no longer be opened is shown as what it is, never as an error.
"""

import base64
import logging
import re
from collections.abc import Sequence
from typing import Any, Final, TypeAlias, cast

import grpc

from adapters.codec import decode, decode_metadata
from adapters.keys.cipher import Place, Unreadable, unseal
from adapters.keys.subjects import SubjectKeys
from adapters.proto.v1 import user_queries_pb2, user_queries_pb2_grpc
from adapters.rpc import translate_users
from adapters.rpc.guard import caller
from adapters.rpc.pages import InvalidPageToken, page_limit, visible_accounts
from adapters.rpc.query_server import Pool, read_rows
from adapters.rpc.user_server import keys_or_refuse
from adapters.rpc.wire import wire
from domain.envelope import RecordedEvent
from domain.ids import UserId, parse_uuid, user_stream
from domain.ports import EventLog
from domain.users.events import Sealed, UserEvent, UserRegistered, UserSuspended
from domain.users.evolve import evolve
from domain.users.state import User, UserStatus

_logger: Final = logging.getLogger(__name__)
ERASED: Final = "(erased)"
UNREADABLE: Final = "(unreadable)"
_PAGE_TOKEN: Final = re.compile(r"1\.(?P<after>[0-9a-f-]{36})", re.ASCII)
_ACCOUNTS: Final = """
    SELECT account_id, user_id, venue, position_mode, margin_mode, status, reason, opened_at,
           updated_at, position,
           (SELECT json_object_agg(l.instrument, l.leverage::text) FROM read.account_leverages l
             WHERE l.account_id = a.account_id) AS leverages
      FROM read.accounts a
     WHERE (%(after)s::uuid IS NULL OR account_id > %(after)s::uuid)
       AND (%(user)s::uuid IS NULL OR user_id = %(user)s::uuid)
       AND (%(allowed)s::uuid[] IS NULL OR account_id = ANY(%(allowed)s::uuid[]))
     ORDER BY account_id LIMIT %(limit)s
"""

_Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class UserQueries(user_queries_pb2_grpc.UserQueriesServicer):
    """Users from the log, accounts from the read models."""

    def __init__(self, log: EventLog, pool: Pool, keys: SubjectKeys | None) -> None:
        self._log = log
        self._pool = pool
        self._keys = keys

    async def GetUser(  # noqa: N802
        self, request: user_queries_pb2.GetUserRequest, context: _Context
    ) -> user_queries_pb2.UserRecord:
        """A user with name and e-mail in clear."""
        caller().every_account()
        user_id = translate_users.user(request.user_id)
        keys = await keys_or_refuse(self._keys, context)
        events = await self._log.read_stream(user_stream(user_id))
        if not events:
            await context.abort(grpc.StatusCode.NOT_FOUND, "there is no such user")
        _logger.info(
            "get_user of %s", user_id, extra={"log_category": "audit", "action": "get_user"}
        )
        # The key after the events: whoever was erased in between has none any more.
        return _record(user_id, events, await keys.find(user_id))

    async def ListAccounts(  # noqa: N802
        self, request: user_queries_pb2.ListAccountsRequest, context: _Context
    ) -> user_queries_pb2.AccountPage:
        """Opened accounts, by id."""
        del context
        limit = page_limit(request.page_size)
        arguments = {
            "after": _page_start(request.page_token),
            "user": translate_users.user(request.user_id) if request.user_id else None,
            "allowed": visible_accounts(request.account_id),
            "limit": limit + 1,
        }
        rows = await read_rows(self._pool, "accounts", _ACCOUNTS, arguments)
        shown = [
            user_queries_pb2.AccountRecord(
                leverages=row.pop("leverages") or {},
                **{name: wire(value) for name, value in row.items()},
            )
            for row in rows[:limit]
        ]
        token = _page_token(shown[-1].account_id) if len(rows) > limit else ""
        return user_queries_pb2.AccountPage(accounts=shown, next_page_token=token)


def _record(
    user_id: UserId, events: Sequence[RecordedEvent], key: bytes | None
) -> user_queries_pb2.UserRecord:
    user, record = User(), user_queries_pb2.UserRecord(user_id=user_id)
    for recorded in events:
        event = cast("UserEvent", decode(recorded.type, recorded.payload))
        user = evolve(user, event)
        record.updated_at = decode_metadata(recorded.metadata).occurred_at
        record.version = recorded.version
        match event:
            case UserRegistered():
                record.registered_at = record.updated_at
                place = (user_id, recorded.type)
                record.name = _opened(key, event.name, Place(*place, "name"))
                record.email = _opened(key, event.email, Place(*place, "email"))
            case UserSuspended():
                place = (user_id, recorded.type)
                record.suspension_reason = _opened(key, event.reason, Place(*place, "reason"))
            case _:
                pass
    if user.status is not UserStatus.SUSPENDED:
        record.suspension_reason = ""
    record.status = user.status.value
    record.roles.extend(sorted(user.roles))
    return record


def _opened(key: bytes | None, sealed: Sealed, place: Place) -> str:
    if key is None:
        return ERASED
    try:
        return unseal(key, sealed, place)
    except Unreadable:
        return UNREADABLE


def _page_token(after: str) -> str:
    return base64.urlsafe_b64encode(f"1.{after}".encode()).decode()


def _page_start(token: str) -> str | None:
    """Where a page begins; it only says so, what is shown is what the caller's token covers."""
    if not token:
        return None
    try:
        content = base64.b64decode(token, altchars=b"-_", validate=True).decode()
        found = _PAGE_TOKEN.fullmatch(content)
        return parse_uuid(found["after"] if found is not None else "")
    except ValueError:
        raise InvalidPageToken from None
