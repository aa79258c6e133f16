"""How random tests run: repeatable by default, searching when asked to.

`HYPOTHESIS_PROFILE=search pytest tests` draws fresh examples, many more of them; `make stories` as
many as it is told to.
"""

import os

from hypothesis import HealthCheck, settings

_SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile(
    "repeatable",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=300,
    stateful_step_count=50,
    print_blob=True,
    suppress_health_check=_SLOW_IS_FINE,
)
settings.register_profile(
    "search",
    deadline=None,
    max_examples=2_000,
    stateful_step_count=80,
    print_blob=True,
    suppress_health_check=_SLOW_IS_FINE,
)
settings.register_profile(
    "long",
    database=None,
    deadline=None,
    max_examples=int(os.environ.get("PATRIOT_EXAMPLES", "10000")),
    stateful_step_count=50,
    print_blob=True,
    suppress_health_check=_SLOW_IS_FINE,
)


def load_profile() -> None:
    """Choose the profile for every test of the session, wherever it stands."""
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))
