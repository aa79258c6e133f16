"""The read models that are folds of the event log, by name; add one here and it runs everywhere.

Marks and candles are not here: they show the market, not the log, and live in market.py.
"""

from typing import Final

from projections.accounts import Accounts
from projections.allotments import Allotments
from projections.brackets import Brackets
from projections.cash import Cash
from projections.fills import Fills
from projections.followers import Followers
from projections.fundings import Fundings
from projections.governance import Governance
from projections.instruments import Instruments
from projections.limits import Limits
from projections.orders import Orders
from projections.positions import Positions
from projections.risk import Risk
from projections.strategies import Signals, Strategies
from projections.strategy_profit import StrategyProfit
from projections.tables import Projection
from projections.users import Users
from projections.venue_keys import VenueKeys
from projections.virtual_positions import VirtualPositions

PROJECTIONS: Final[dict[str, Projection]] = {
    projection.name: projection
    for projection in (
        Orders(),
        Fills(),
        Positions(),
        Risk(),
        Users(),
        Accounts(),
        Instruments(),
        Fundings(),
        Cash(),
        VirtualPositions(),
        Limits(),
        VenueKeys(),
        Strategies(),
        Signals(),
        Followers(),
        StrategyProfit(),
        Governance(),
        Allotments(),
        Brackets(),
    )
}
