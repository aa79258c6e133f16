"""The garbage collector of a role that keeps many small objects and hardly ever makes a cycle.

States, events and answers are trees: counting references frees them at once. With Python's usual
thresholds the collector looks at all of them again and again, and finds nothing: measured at a
quarter of the time to decide an order. So it is asked rarely, and never about what was there at the
start. It stays on: an exception that is kept somewhere does make a cycle.
"""

import gc
from typing import Final

_YOUNG: Final = 100_000
"""New objects before the youngest are looked at: some thousand commands."""
_MIDDLE: Final = 50
_OLD: Final = 100


def spare() -> None:
    """Call once, when the role is put together and before it works."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
