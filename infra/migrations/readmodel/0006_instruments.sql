-- Instruments: the rules that hold now, and the margin tiers that came with them.
SET ROLE patriot_owner;

CREATE TABLE model.instruments (
    instrument              text        PRIMARY KEY,
    currency                text        NOT NULL,
    trading                 boolean     NOT NULL,
    tick                    numeric     NOT NULL,
    step                    numeric     NOT NULL,
    minimum_quantity        numeric     NOT NULL,
    maximum_quantity        numeric     NOT NULL,
    maximum_market_quantity numeric     NOT NULL,
    minimum_notional        numeric     NOT NULL,
    contract_size           numeric     NOT NULL,
    maker_fee               numeric     NOT NULL,
    taker_fee               numeric     NOT NULL,
    margin_tiers            text        NOT NULL,
    rules_version           bigint      NOT NULL,
    listed_at               timestamptz NOT NULL,
    position                bigint      NOT NULL
);

CREATE VIEW read.instruments AS
SELECT instrument, currency, trading, tick, step, minimum_quantity, maximum_quantity,
       maximum_market_quantity, minimum_notional, contract_size, maker_fee, taker_fee,
       margin_tiers, rules_version, listed_at, position
  FROM model.instruments;
COMMENT ON VIEW read.instruments IS 'One row for each instrument that was listed, with the rules that hold now.';
COMMENT ON COLUMN read.instruments.instrument IS 'Venue and symbol, e.g. BINANCE:SUSHIUSDT.';
COMMENT ON COLUMN read.instruments.currency IS 'Currency of prices and profit.';
COMMENT ON COLUMN read.instruments.trading IS 'Whether the venue trades it now.';
COMMENT ON COLUMN read.instruments.tick IS 'Prices are multiples of it.';
COMMENT ON COLUMN read.instruments.step IS 'Quantities are multiples of it.';
COMMENT ON COLUMN read.instruments.minimum_quantity IS 'Smallest quantity of an order.';
COMMENT ON COLUMN read.instruments.maximum_quantity IS 'Largest quantity of an order with a price.';
COMMENT ON COLUMN read.instruments.maximum_market_quantity IS 'Largest quantity of a market order.';
COMMENT ON COLUMN read.instruments.minimum_notional IS 'Smallest value of an order that does not reduce.';
COMMENT ON COLUMN read.instruments.contract_size IS 'Units of the underlying in one unit of quantity; 1 for linear contracts.';
COMMENT ON COLUMN read.instruments.maker_fee IS 'Ratio of a fill''s value; below 0 is a rebate, 0 also where it is not known.';
COMMENT ON COLUMN read.instruments.taker_fee IS 'Ratio of a fill''s value; 0 also where it is not known.';
COMMENT ON COLUMN read.instruments.margin_tiers IS 'One tier a line: value up to which it holds, most leverage, maintenance rate, deduction; read.margin_tiers has them in columns.';
COMMENT ON COLUMN read.instruments.rules_version IS 'Version of the rules, from 1; decisions name it.';
COMMENT ON COLUMN read.instruments.listed_at IS 'When these rules were recorded.';
COMMENT ON COLUMN read.instruments.position IS 'Log position of the listing.';

CREATE VIEW read.margin_tiers AS
SELECT i.instrument, l.tier::integer AS tier,
       split_part(l.line, ' ', 1)::numeric AS up_to,
       split_part(l.line, ' ', 2)::numeric AS maximum_leverage,
       split_part(l.line, ' ', 3)::numeric AS maintenance_rate,
       split_part(l.line, ' ', 4)::numeric AS deduction
  FROM model.instruments i,
       string_to_table(nullif(i.margin_tiers, ''), E'\n') WITH ORDINALITY AS l (line, tier);
COMMENT ON VIEW read.margin_tiers IS 'The venue''s margin tiers of each instrument, lowest values first.';
COMMENT ON COLUMN read.margin_tiers.instrument IS 'Venue and symbol, e.g. BINANCE:SUSHIUSDT.';
COMMENT ON COLUMN read.margin_tiers.tier IS 'Number of the tier, from 1.';
COMMENT ON COLUMN read.margin_tiers.up_to IS 'Value of a position up to which the tier holds; the last one holds beyond.';
COMMENT ON COLUMN read.margin_tiers.maximum_leverage IS 'Most leverage that the venue allows.';
COMMENT ON COLUMN read.margin_tiers.maintenance_rate IS 'Ratio of the position''s whole value that must be left.';
COMMENT ON COLUMN read.margin_tiers.deduction IS 'Taken off value times rate, so that the margin does not jump from tier to tier.';

RESET ROLE;
