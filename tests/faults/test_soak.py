"""The soak in its short form; `make soak MINUTES=10` is the long one."""

import pytest

from tests.faults.core import Core
from tests.faults.soak import soak

pytestmark = pytest.mark.asyncio
_SEED = 1
_SECONDS = 30


async def test_faults_for_half_a_minute(core: Core) -> None:
    done = await soak(core, seed=_SEED, seconds=_SECONDS, report=print)
    print("\n".join(done.lines()))
    assert done.load.violations == []
    assert done.load.verdict.acknowledged > 100
    assert done.schedule.kills > 0
    assert done.proxy_faults > 5
