"""The bootstrap: two subjects give the demo its limits, and a second start changes nothing."""

import pytest

from adapters.embedded.seed import ACCOUNTS, INSTRUMENTS, seed
from domain.ids import AccountId, risk_stream
from tests.support import rpc

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize("second_person", [True, False])
async def test_every_demo_account_has_limits_after_any_number_of_starts(
    *, second_person: bool
) -> None:
    async with rpc.services(second_person=second_person) as running:
        address = f"127.0.0.1:{running.commands.port}"
        both = ("operator", "risk_manager")
        first, second = (running.token(("*",), both, subject=name) for name in ("one", "two"))
        await seed(address, first, second)
        written = await running.written()
        # Limits alone, or the proposal, the limits and the approval.
        assert written == len(INSTRUMENTS) + len(ACCOUNTS) * (3 if second_person else 1)
        for account in ACCOUNTS:
            events = await running.log.read_stream(risk_stream(AccountId(account)))
            assert "risk.limits_set" in {event.type.rpartition(".")[0] for event in events}
        await seed(address, first, second)
        assert await running.written() == written
