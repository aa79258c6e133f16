-- Named subscriptions: how far each consumer of the log is, what failed and what is parked. They lie
-- beside the log and not in it: their role can touch nothing of the log, not even read it.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'patriot_subscribe') THEN
        BEGIN
            CREATE ROLE patriot_subscribe LOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO patriot_subscribe', current_database());
END
$$;

CREATE SCHEMA subscriptions AUTHORIZATION patriot_owner;
SET ROLE patriot_owner;

CREATE TABLE subscriptions.named (
    id             integer     GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id     uuid        NOT NULL,
    name           text        NOT NULL CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
    event_types    text[]      NOT NULL,
    max_attempts   integer     NOT NULL CHECK (max_attempts BETWEEN 1 AND 100),
    retry_delay_ms integer     NOT NULL CHECK (retry_delay_ms BETWEEN 0 AND 60000),
    window_max     integer     NOT NULL CHECK (window_max BETWEEN 1 AND 1000),
    start_position bigint      NOT NULL CHECK (start_position >= 0),
    checkpoint     bigint      NOT NULL CHECK (checkpoint >= 0),
    generation     integer     NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL DEFAULT now(),
    created_by     text        NOT NULL,
    UNIQUE (account_id, name)
) WITH (fillfactor = 50);
COMMENT ON TABLE subscriptions.named IS
    'A name that remembers its place in the log. Everything up to checkpoint is acknowledged, parked '
    'or not asked for. The account of all zeros stands for the whole log; generation counts resets.';

CREATE TABLE subscriptions.failed (
    subscription_id integer NOT NULL REFERENCES subscriptions.named ON DELETE CASCADE,
    position        bigint  NOT NULL,
    attempts        integer NOT NULL,
    reason          text    NOT NULL,
    PRIMARY KEY (subscription_id, position)
);
COMMENT ON TABLE subscriptions.failed IS
    'Events above the checkpoint that their consumer refused and that will be delivered again.';

CREATE TABLE subscriptions.parked (
    subscription_id integer     NOT NULL REFERENCES subscriptions.named ON DELETE CASCADE,
    position        bigint      NOT NULL,
    attempts        integer     NOT NULL,
    reason          text        NOT NULL,
    parked_at       timestamptz NOT NULL DEFAULT now(),
    replay          boolean     NOT NULL DEFAULT false,
    PRIMARY KEY (subscription_id, position)
);
COMMENT ON TABLE subscriptions.parked IS
    'Events that were refused too often and that the subscription went past. A row stays until the '
    'event is replayed and acknowledged, or dropped by somebody.';

GRANT USAGE ON SCHEMA subscriptions TO patriot_subscribe;
GRANT SELECT, INSERT, DELETE ON subscriptions.named, subscriptions.failed, subscriptions.parked
   TO patriot_subscribe;
GRANT UPDATE (checkpoint, generation) ON subscriptions.named TO patriot_subscribe;
GRANT UPDATE (attempts, reason) ON subscriptions.failed TO patriot_subscribe;
GRANT UPDATE (attempts, reason, parked_at, replay) ON subscriptions.parked TO patriot_subscribe;

-- How old the oldest open transaction of this database is. A role sees the sessions of others only
-- by pg_read_all_stats; this function shows ages and counts and nothing else of them.
CREATE FUNCTION log.open_transactions(
    OUT oldest_seconds double precision, OUT oldest_pid integer, OUT oldest_program text,
    OUT idle_seconds double precision, OUT idle integer, OUT complete boolean
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(max(extract(epoch FROM clock_timestamp() - a.xact_start)), 0)::float8,
           (array_agg(a.pid ORDER BY a.xact_start))[1],
           (array_agg(a.usename || ' ' || a.application_name ORDER BY a.xact_start))[1],
           coalesce(max(extract(epoch FROM clock_timestamp() - a.state_change))
                    FILTER (WHERE a.state LIKE 'idle in transaction%'), 0)::float8,
           (count(*) FILTER (WHERE a.state LIKE 'idle in transaction%'))::integer,
           pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')
      FROM pg_stat_activity a
     WHERE a.datname = current_database() AND a.backend_type = 'client backend'
       AND a.pid <> pg_backend_pid() AND a.xact_start IS NOT NULL
$$;
COMMENT ON FUNCTION log.open_transactions IS
    'Age of the oldest open transaction and of the longest idle one; complete is false where the '
    'sessions of other roles cannot be seen.';
REVOKE ALL ON FUNCTION log.open_transactions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.open_transactions TO patriot_tail, patriot_append;

RESET ROLE;
DO $$
BEGIN
    GRANT pg_read_all_stats TO patriot_owner;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE WARNING 'GRANT pg_read_all_stats TO patriot_owner: without it transactions that others '
        'leave open are not seen';
END
$$;
ALTER ROLE patriot_subscribe SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE patriot_subscribe SET statement_timeout = '10s';
ALTER ROLE patriot_subscribe SET lock_timeout = '2s';
