"""The handlers of commands on users and accounts: personal data is sealed before anything decides.

What leaves this module holds ciphertext alone; the fingerprint of a command, too, is made of
stand-ins that die with the subject's key.
"""

from typing import Any, TypeAlias

import grpc

from adapters.keys.subjects import SubjectKeys
from adapters.proto.v1 import common_pb2, users_pb2, users_pb2_grpc
from adapters.rpc import translate, translate_users
from adapters.rpc.command_server import CommandHandlers
from adapters.rpc.guard import caller
from domain.accounts.commands import CloseAccount, ReinstateAccount
from domain.dispatch import Command
from domain.ids import PLATFORM
from domain.users.commands import EraseUser, GrantRole, ReinstateUser, RevokeRole

_Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class UserCommands(users_pb2_grpc.UserCommandsServicer):
    """Commands of operators on users and accounts."""

    def __init__(self, handlers: CommandHandlers, keys: SubjectKeys | None) -> None:
        self._handlers = handlers
        self._keys = keys

    async def RegisterUser(  # noqa: N802
        self, request: users_pb2.RegisterUserRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Make somebody known; name and e-mail are stored sealed."""
        caller().every_account()
        subject = translate_users.check_registration(request)
        key = await (await keys_or_refuse(self._keys, context)).ensure(subject)
        command = translate_users.register_user(request, key)
        veiled = translate_users.veiled(request, key, "name", "email")
        return await self._of_user("register_user", veiled, context, command)

    async def GrantRole(  # noqa: N802
        self, request: users_pb2.RoleRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Give a role."""
        command = translate_users.role(request, GrantRole)
        return await self._of_user("grant_role", request, context, command)

    async def RevokeRole(  # noqa: N802
        self, request: users_pb2.RoleRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Take a role away."""
        command = translate_users.role(request, RevokeRole)
        return await self._of_user("revoke_role", request, context, command)

    async def SuspendUser(  # noqa: N802
        self, request: users_pb2.SuspendUserRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Suspend a user; the reason is stored sealed."""
        caller().every_account()
        subject = translate_users.check_suspension(request)
        key = await (await keys_or_refuse(self._keys, context)).find(subject)
        command = translate_users.suspend_user(request, key)
        veiled = translate_users.veiled(request, key, "reason")
        return await self._of_user("suspend_user", veiled, context, command)

    async def ReinstateUser(  # noqa: N802
        self, request: users_pb2.UserRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Lift a user's suspension."""
        command = ReinstateUser(translate_users.user(request.user_id))
        return await self._of_user("reinstate_user", request, context, command)

    async def EraseUser(  # noqa: N802
        self, request: users_pb2.UserRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Erase a user's personal data: the commit of the event takes the key."""
        command = EraseUser(translate_users.user(request.user_id))
        return await self._of_user("erase_user", request, context, command)

    async def OpenAccount(  # noqa: N802
        self, request: users_pb2.OpenAccountRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Open an account for a user."""
        command = translate_users.open_account(request)
        owner = caller().account(command.account_id)
        return await self._handlers.unary("open_account", request, context, command, owner)

    async def SuspendAccount(  # noqa: N802
        self, request: users_pb2.SuspendAccountRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Let only cancels and reducing orders pass."""
        command = translate_users.suspend_account(request)
        owner = caller().account(command.account_id)
        return await self._handlers.unary("suspend_account", request, context, command, owner)

    async def ReinstateAccount(  # noqa: N802
        self, request: users_pb2.AccountCommandRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """Lift an account's suspension."""
        owner = caller().account(translate.account(request.account_id))
        command = ReinstateAccount(owner)
        return await self._handlers.unary("reinstate_account", request, context, command, owner)

    async def CloseAccount(  # noqa: N802
        self, request: users_pb2.AccountCommandRequest, context: _Context
    ) -> common_pb2.CommandResult:
        """End an account for ever."""
        owner = caller().account(translate.account(request.account_id))
        return await self._handlers.unary(
            "close_account", request, context, CloseAccount(owner), owner
        )

    async def _of_user(
        self, operation: str, request: Any, context: _Context, command: Command
    ) -> common_pb2.CommandResult:
        """Users belong to no account, so who changes them must be trusted with all."""
        caller().every_account()
        return await self._handlers.unary(operation, request, context, command, PLATFORM)


async def keys_or_refuse(keys: SubjectKeys | None, context: _Context) -> SubjectKeys:
    """The keys, or the answer of a service that was set up without."""
    if keys is None:
        await context.abort(
            grpc.StatusCode.FAILED_PRECONDITION,
            "this service handles no personal data: set KEYS_DATABASE_URL and PATRIOT_MASTER_KEY",
        )
        raise AssertionError  # abort raises
    return keys
