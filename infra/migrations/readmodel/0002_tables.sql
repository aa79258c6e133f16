-- Tables of the read models. Columns are in the order of the rows in projections/*.py.
-- Times come from events, never from the server's clock, so a rebuilt table is the same table.
SET ROLE patriot_owner;

CREATE TABLE model.projection_positions (
    projection text     NOT NULL,
    shard      smallint NOT NULL,
    partition  smallint NOT NULL,
    position   bigint   NOT NULL CHECK (position >= 0),
    event_time timestamptz,
    PRIMARY KEY (projection, shard, partition)
) WITH (fillfactor = 50);

CREATE TABLE model.orders (
    order_id         uuid PRIMARY KEY,
    account_id       uuid        NOT NULL,
    instrument       text        NOT NULL,
    side             text        NOT NULL,
    type             text        NOT NULL,
    time_in_force    text        NOT NULL,
    quantity         numeric     NOT NULL,
    price            numeric,
    reduce_only      boolean     NOT NULL,
    strategy_id      uuid,
    client_order_id  text,
    venue_order_id   text,
    status           text        NOT NULL,
    filled_quantity  numeric     NOT NULL,
    filled_notional  numeric     NOT NULL,
    overfill         numeric     NOT NULL,
    reason           integer,
    detail           text,
    version          bigint      NOT NULL,
    created_at       timestamptz NOT NULL,
    created_position bigint      NOT NULL,
    updated_at       timestamptz NOT NULL,
    position         bigint      NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX orders_by_account ON model.orders (account_id, created_position DESC);
CREATE INDEX orders_open ON model.orders (account_id, created_position DESC)
    WHERE status IN ('submitting', 'accepted', 'partially_filled', 'pending_cancel');

CREATE TABLE model.fills (
    position     bigint      NOT NULL,
    filled_at    timestamptz NOT NULL,
    account_id   uuid        NOT NULL,
    order_id     uuid        NOT NULL,
    instrument   text        NOT NULL,
    strategy_id  uuid,
    execution_id text        NOT NULL,
    side         text        NOT NULL,
    price        numeric     NOT NULL,
    quantity     numeric     NOT NULL,
    fee          numeric     NOT NULL,
    fee_currency text        NOT NULL,
    liquidity    text        NOT NULL,
    recorded_at  timestamptz NOT NULL,
    PRIMARY KEY (position, filled_at)
);
CREATE INDEX fills_by_account ON model.fills (account_id, filled_at DESC);
CREATE INDEX fills_by_order ON model.fills (order_id, filled_at);

CREATE TABLE model.positions (
    account_id   uuid        NOT NULL,
    instrument   text        NOT NULL,
    net_quantity numeric     NOT NULL,
    cost         numeric     NOT NULL,
    currency     text        NOT NULL,
    realised     numeric     NOT NULL,
    fees         numeric     NOT NULL,
    opened_at    timestamptz,
    version      bigint      NOT NULL,
    updated_at   timestamptz NOT NULL,
    position     bigint      NOT NULL,
    PRIMARY KEY (account_id, instrument)
) WITH (fillfactor = 50);

CREATE TABLE model.position_history (
    position       bigint      NOT NULL,
    changed_at     timestamptz NOT NULL,
    account_id     uuid        NOT NULL,
    instrument     text        NOT NULL,
    change         text        NOT NULL,
    order_id       uuid        NOT NULL,
    execution_id   text        NOT NULL,
    side           text        NOT NULL,
    quantity       numeric     NOT NULL,
    price          numeric     NOT NULL,
    fee            numeric     NOT NULL,
    net_quantity   numeric     NOT NULL,
    cost           numeric     NOT NULL,
    currency       text        NOT NULL,
    realised       numeric     NOT NULL,
    realised_total numeric     NOT NULL,
    fees_total     numeric     NOT NULL,
    recorded_at    timestamptz NOT NULL,
    PRIMARY KEY (position, changed_at)
);
CREATE INDEX position_history_by_account
    ON model.position_history (account_id, instrument, changed_at DESC);

CREATE TABLE model.risk_accounts (
    account_id              uuid PRIMARY KEY,
    limits_version          bigint      NOT NULL,
    currency                text,
    order_quantity_limit    numeric,
    order_notional_limit    numeric,
    open_orders_limit       bigint,
    position_notional_limit numeric,
    price_collar            numeric,
    loss_limit              numeric,
    duplicate_window        bigint      NOT NULL,
    halted                  boolean     NOT NULL,
    halt_reason             text,
    halt_changed_at         timestamptz,
    halt_changed_position   bigint      NOT NULL,
    open_orders             bigint      NOT NULL,
    admitted                bigint      NOT NULL,
    refusals                bigint      NOT NULL,
    realised                numeric     NOT NULL,
    fees                    numeric     NOT NULL,
    version                 bigint      NOT NULL,
    updated_at              timestamptz NOT NULL,
    position                bigint      NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE model.reservations (
    order_id   uuid PRIMARY KEY,
    account_id uuid    NOT NULL,
    instrument text    NOT NULL,
    side       text    NOT NULL,
    quantity   numeric NOT NULL,
    price      numeric NOT NULL,
    position   bigint  NOT NULL
);

CREATE TABLE model.risk_violations (
    position    bigint PRIMARY KEY,
    at          timestamptz NOT NULL,
    account_id  uuid        NOT NULL,
    violation   text        NOT NULL,
    severity    text        NOT NULL,
    order_id    uuid,
    instrument  text,
    side        text,
    quantity    numeric,
    price       numeric,
    reason      integer,
    detail      text        NOT NULL,
    limit_value text        NOT NULL,
    would_be    text        NOT NULL
);
CREATE INDEX risk_violations_by_account ON model.risk_violations (account_id, at DESC);

-- The market: latest row of each instrument, its history by second, and candles.
CREATE TABLE model.latest_marks (
    instrument text PRIMARY KEY,
    at         timestamptz NOT NULL,
    mark       numeric     NOT NULL,
    last_price numeric,
    bid        numeric,
    ask        numeric
) WITH (fillfactor = 50);

CREATE TABLE model.marks (
    instrument text        NOT NULL,
    at         timestamptz NOT NULL,
    mark       numeric     NOT NULL,
    last_price numeric,
    bid        numeric,
    ask        numeric,
    PRIMARY KEY (instrument, at)
);

CREATE TABLE model.candles (
    instrument  text        NOT NULL,
    interval    text        NOT NULL,
    open_time   timestamptz NOT NULL,
    open        numeric     NOT NULL,
    high        numeric     NOT NULL,
    low         numeric     NOT NULL,
    close       numeric     NOT NULL,
    volume      numeric     NOT NULL,
    trades      bigint      NOT NULL,
    closed      boolean     NOT NULL,
    PRIMARY KEY (instrument, interval, open_time)
);

RESET ROLE;
