"""What is known of a payment of funding: whether it is in the books."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Funding:
    """One payment; its stream has its name from the venue's id, so that it counts once."""

    recorded: bool = False
