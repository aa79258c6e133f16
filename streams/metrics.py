"""The metrics of relay and workers; names and labels are contracts with dashboards and alerts."""

from typing import Final

from prometheus_client import Counter, Gauge

RELAY_PUBLISHED: Final = Gauge(
    "patriot_relay_published_position", "Every event up to here is acknowledged by Kafka"
)
RELAY_LAG: Final = Gauge("patriot_relay_lag", "Events of the log that Kafka has not acknowledged")
RELAY_HEARTBEAT: Final = Gauge(
    "patriot_relay_heartbeat_timestamp", "When the active relay was last seen at work (seconds)"
)
RELAY_RECORDS: Final = Counter("patriot_relay_records", "Records acknowledged by Kafka")
RELAY_EVENTS: Final = Counter("patriot_relay_events", "Events acknowledged by Kafka")
RELAY_RECREATED: Final = Counter(
    "patriot_relay_producer_recreated", "Times the relay began anew from what Kafka holds"
)
RELAY_ACTIVE: Final = Gauge("patriot_relay_active", "1 on the relay that publishes, 0 on standbys")

PROJECTION_POSITION: Final = Gauge(
    "patriot_projection_position", "Every event up to here is in the rows", ["projection"]
)
PROJECTION_LAG: Final = Gauge(
    "patriot_projection_lag", "Events published that are not in the rows", ["projection"]
)
PROJECTION_APPLIED: Final = Counter(
    "patriot_projection_applied", "Events that were folded into rows", ["projection"]
)
ORDER_OVERFILLS: Final = Counter(
    "patriot_order_overfills", "Fills that passed the quantity of their order", ["instrument"]
)
EXTERNAL_ORDERS: Final = Counter(
    "patriot_external_orders",
    "Orders that were not placed by PATRIOT: foreign ones, and those that the venue made",
    ["venue", "origin"],
)
PROJECTION_HEARTBEAT: Final = Gauge(
    "patriot_projection_heartbeat_timestamp",
    "When the projection was last seen at work (seconds)",
    ["projection"],
)
PROJECTION_SKIPPED: Final = Counter(
    "patriot_projection_skipped_records",
    "Records that held nothing new (delivered again, or published again)",
    ["projection"],
)
PROJECTION_BLOCKED: Final = Gauge(
    "patriot_projection_blocked_partitions",
    "Partitions that stand still until somebody acts: an event cannot be folded",
    ["projection"],
)
PROJECTION_HOLES: Final = Counter(
    "patriot_projection_holes", "Records that came before the ones they follow", ["projection"]
)
PROJECTION_RETRIES: Final = Counter(
    "patriot_projection_retries", "Batches tried again after a store's failure", ["projection"]
)
DEADLETTERS: Final = Counter(
    "patriot_deadletters", "Records that were set aside", ["topic", "consumer"]
)
MARKET_APPLIED: Final = Counter(
    "patriot_market_rows", "Rows of marks and candles written", ["table"]
)
LOSS_HALTS: Final = Counter(
    "patriot_risk_loss_halts", "Halts asked for because a loss passed its limit", ["result"]
)
EXPOSURE_HALTS: Final = Counter(
    "patriot_risk_exposure_halts",
    "Halts asked for because what all hold together passed its limit",
    ["result"],
)
VENUE_CALLS: Final = Counter(
    "patriot_execution_calls", "Calls to venues", ["venue", "operation", "result"]
)
