"""What a role tells the world about itself: whether it lives, and whether it does its work.

Written by the role's event loop, read by the thread that answers health checks; plain attributes,
so that a stuck loop cannot keep the answer from being given.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class RoleStatus:
    """Reasons in words; an empty text is a yes."""

    dead: str = ""
    """Why a restart is the cure."""
    unready: str = "starting"
    """Why it does no useful work now, though a restart would not help."""

    @property
    def live(self) -> bool:
        """The answer of /health/live."""
        return not self.dead

    @property
    def ready(self) -> bool:
        """The answer of /health/ready."""
        return not self.unready and not self.dead
