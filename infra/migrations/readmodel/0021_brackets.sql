-- Brackets: an entry with the exits that protect what it brings in.
SET ROLE patriot_owner;

CREATE TABLE model.brackets (
    entry_id              uuid        NOT NULL PRIMARY KEY,
    account_id            uuid        NOT NULL,
    instrument            text        NOT NULL,
    side                  text        NOT NULL,
    position_side         text        NOT NULL,
    strategy_id           uuid,
    quantity              numeric     NOT NULL,
    status                text        NOT NULL,
    entered               numeric     NOT NULL,
    exited                numeric     NOT NULL,
    overrun               numeric     NOT NULL,
    stop_type             text,
    stop_price            numeric,
    stop_trigger_price    numeric,
    stop_trigger_source   text,
    stop_trigger_callback numeric,
    stop_activation_price numeric,
    stop_order_id         uuid,
    stop_orders           bigint      NOT NULL,
    stop_standing         text,
    target_type           text,
    target_price          numeric,
    target_trigger_price  numeric,
    target_trigger_source text,
    target_order_id       uuid,
    target_orders         bigint      NOT NULL,
    target_standing       text,
    reason                integer,
    detail                text,
    created_at            timestamptz NOT NULL,
    updated_at            timestamptz NOT NULL,
    version               bigint      NOT NULL,
    position              bigint      NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX brackets_by_account ON model.brackets (account_id, created_at DESC, entry_id);

CREATE VIEW read.brackets AS
SELECT entry_id, account_id, instrument, side, position_side, strategy_id, quantity, status,
       entered, exited, entered - exited AS held, overrun,
       entered > exited AND 'lost' IN (coalesce(stop_standing, ''), coalesce(target_standing, ''))
           AS unprotected,
       stop_type, stop_price, stop_trigger_price, stop_trigger_source, stop_trigger_callback,
       stop_activation_price, stop_order_id, stop_orders, stop_standing,
       target_type, target_price, target_trigger_price, target_trigger_source, target_order_id,
       target_orders, target_standing, reason, detail, created_at, updated_at, version, position
  FROM model.brackets;
COMMENT ON VIEW read.brackets IS 'Brackets: an entry, the exits that protect what it brings in, and what they hold.';
COMMENT ON COLUMN read.brackets.entry_id IS 'Order id of the entry; it names the bracket.';
COMMENT ON COLUMN read.brackets.account_id IS 'Account that holds the bracket.';
COMMENT ON COLUMN read.brackets.instrument IS 'Venue and symbol, e.g. BINANCE:SUSHIUSDT.';
COMMENT ON COLUMN read.brackets.side IS 'Of the entry: buy or sell; its exits are on the other side.';
COMMENT ON COLUMN read.brackets.position_side IS 'net, or the leg of a hedged account: long, short.';
COMMENT ON COLUMN read.brackets.strategy_id IS 'Strategy that led to it; null for none.';
COMMENT ON COLUMN read.brackets.quantity IS 'Quantity of the entry as it was placed.';
COMMENT ON COLUMN read.brackets.status IS 'open, ended (none of its orders is open) or refused.';
COMMENT ON COLUMN read.brackets.entered IS 'Quantity that the entry brought in so far.';
COMMENT ON COLUMN read.brackets.exited IS 'Quantity that the exits took out so far.';
COMMENT ON COLUMN read.brackets.held IS 'What the exits have to protect; below 0 when both took out more than came in.';
COMMENT ON COLUMN read.brackets.overrun IS 'What the exits took out beyond what came in: both won the race.';
COMMENT ON COLUMN read.brackets.unprotected IS 'Whether something is held that an exit was to protect and does not: act, or protect it again.';
COMMENT ON COLUMN read.brackets.stop_type IS 'How the stop leaves: stop_market, stop_limit or trailing_stop; null without a stop.';
COMMENT ON COLUMN read.brackets.stop_price IS 'Limit price of a stop that has one.';
COMMENT ON COLUMN read.brackets.stop_trigger_price IS 'Price that triggers the stop; null on a trailing one.';
COMMENT ON COLUMN read.brackets.stop_trigger_source IS 'Which price triggers the stop: last, mark or index.';
COMMENT ON COLUMN read.brackets.stop_trigger_callback IS 'Of a trailing stop: the way back from the best price, as a part of it.';
COMMENT ON COLUMN read.brackets.stop_activation_price IS 'Of a trailing stop: the price from which on it follows.';
COMMENT ON COLUMN read.brackets.stop_order_id IS 'The last order that was placed for the stop; null before the entry was filled.';
COMMENT ON COLUMN read.brackets.stop_orders IS 'How many orders were placed for the stop: one, and one for each that was replaced.';
COMMENT ON COLUMN read.brackets.stop_standing IS 'wanted, given_up (somebody cancelled it) or lost (the venue or a halt ended it).';
COMMENT ON COLUMN read.brackets.target_type IS 'How the target leaves: limit, take_profit_market or take_profit_limit; null without a target.';
COMMENT ON COLUMN read.brackets.target_price IS 'Limit price of a target that has one.';
COMMENT ON COLUMN read.brackets.target_trigger_price IS 'Price that triggers the target; null on one that rests on the book.';
COMMENT ON COLUMN read.brackets.target_trigger_source IS 'Which price triggers the target: last, mark or index.';
COMMENT ON COLUMN read.brackets.target_order_id IS 'The last order that was placed for the target; null before the entry was filled.';
COMMENT ON COLUMN read.brackets.target_orders IS 'How many orders were placed for the target.';
COMMENT ON COLUMN read.brackets.target_standing IS 'wanted, given_up or lost, like that of the stop.';
COMMENT ON COLUMN read.brackets.reason IS 'Reason code of a refused bracket, or of the last protection that was lost.';
COMMENT ON COLUMN read.brackets.detail IS 'Words on that reason.';
COMMENT ON COLUMN read.brackets.created_at IS 'When it was placed or refused.';
COMMENT ON COLUMN read.brackets.updated_at IS 'When its last event was recorded.';
COMMENT ON COLUMN read.brackets.version IS 'Events of the bracket so far.';
COMMENT ON COLUMN read.brackets.position IS 'Log position of its last event.';

RESET ROLE;
