-- How far the copying of strategies is, and what it knew there: one row for each name, so that a
-- restart goes on and reads no more of the log than is new. Deleting a row costs time alone: copies
-- are made once by the events of followers, not by this table.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'patriot_follow') THEN
        BEGIN
            CREATE ROLE patriot_follow LOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO patriot_follow', current_database());
END
$$;

CREATE SCHEMA following AUTHORIZATION patriot_owner;
SET ROLE patriot_owner;

CREATE TABLE following.progress (
    name     text   PRIMARY KEY,
    shape    text   NOT NULL,
    position bigint NOT NULL CHECK (position >= 0),
    state    bytea  NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE following.progress IS
    'The position up to which the log is folded, and the fold; the shape is a fingerprint of its '
    'fields, so that another release begins anew instead of reading it wrongly.';

GRANT USAGE ON SCHEMA log, following TO patriot_follow;
GRANT SELECT ON log.events, log.head TO patriot_follow;
GRANT SELECT, INSERT, UPDATE ON following.progress TO patriot_follow;

RESET ROLE;
ALTER ROLE patriot_follow SET idle_in_transaction_session_timeout = '10s';
