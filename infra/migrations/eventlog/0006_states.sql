-- Snapshots of the core's aggregates: states at a version, so that a command service that starts
-- reads the end of a long stream and not all of it. A cache: no position, no chain, may be emptied.
-- A table of their own: log.snapshots belongs to the eventsourcing library, whose contract is to add
-- rows by version and never to change one, and whose types are Python topics.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'patriot_snapshot') THEN
        BEGIN
            CREATE ROLE patriot_snapshot LOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO patriot_snapshot', current_database());
END
$$;

SET ROLE patriot_owner;

CREATE TABLE log.states (
    stream_id    uuid    NOT NULL,
    shape        text    NOT NULL,
    version      integer NOT NULL CHECK (version > 0),
    position     bigint  NOT NULL,
    event_digest bytea   NOT NULL,
    state        bytea   NOT NULL,
    checksum     bytea   NOT NULL,
    PRIMARY KEY (stream_id, shape)
);
CREATE INDEX ON log.states (position);
COMMENT ON TABLE log.states IS
    'The newest kept state of a long stream for each shape of the state (a fingerprint of its '
    'fields, so that two releases do not read each other''s). A cache, no part of the log.';
COMMENT ON COLUMN log.states.position IS
    'Of the last event that the state reflects; one beyond the head means that an older log was '
    'restored.';
COMMENT ON COLUMN log.states.event_digest IS 'SHA-256 of that event as it is in the log.';
COMMENT ON COLUMN log.states.checksum IS 'SHA-256 over everything else in the row.';

-- The writer of snapshots can do nothing to the log, and the writer of the log nothing to snapshots.
GRANT USAGE ON SCHEMA log TO patriot_snapshot;
GRANT SELECT ON log.events, log.head TO patriot_snapshot;
GRANT SELECT, INSERT, UPDATE, DELETE ON log.states TO patriot_snapshot;
GRANT SELECT ON log.states TO patriot_append, patriot_tail;

RESET ROLE;
ALTER ROLE patriot_snapshot SET idle_in_transaction_session_timeout = '30s';
