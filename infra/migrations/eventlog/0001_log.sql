-- The event log: the only authority. Services may read it and call log.append(), nothing else.
-- Roles belong to the whole server, so another database may have made them already.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['patriot_owner', 'patriot_append', 'patriot_tail'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I %s', wanted,
                               CASE wanted WHEN 'patriot_owner' THEN 'NOLOGIN' ELSE 'LOGIN' END);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;
            END;
        END IF;
    END LOOP;
    IF NOT pg_has_role(current_user, 'patriot_owner', 'MEMBER') THEN
        EXECUTE format('GRANT patriot_owner TO %I', current_user);
    END IF;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO patriot_append, patriot_tail',
                   current_database());
END
$$;

CREATE SCHEMA log AUTHORIZATION patriot_owner;
SET ROLE patriot_owner;

CREATE TABLE log.events (
    position   bigint  PRIMARY KEY,
    stream_id  uuid    NOT NULL,
    version    integer NOT NULL CHECK (version >= 0),
    type       text    NOT NULL,
    account_id uuid    NOT NULL,
    payload    bytea   NOT NULL,
    metadata   bytea   NOT NULL,
    UNIQUE (stream_id, version)
);
COMMENT ON TABLE log.events IS
    'Facts in commit order: position counts from 1 without gaps, version likewise in each stream.';
COMMENT ON COLUMN log.events.version IS
    'From 1; a stream of the eventsourcing library may begin at 0.';

CREATE TABLE log.commands (
    account_id     uuid   NOT NULL,
    command_id     uuid   NOT NULL,
    fingerprint    bytea  NOT NULL,
    result         bytea  NOT NULL,
    first_position bigint NOT NULL,
    last_position  bigint NOT NULL,
    PRIMARY KEY (account_id, command_id)
);
COMMENT ON TABLE log.commands IS
    'Every decided command with its answer, so that a repeat gets the first one. Positions are 0 '
    'when it appended no event.';

CREATE TABLE log.commits (
    last_position  bigint      PRIMARY KEY,
    first_position bigint      NOT NULL,
    committed_at   timestamptz NOT NULL,
    chain          bytea       NOT NULL
);
COMMENT ON TABLE log.commits IS
    'One row a commit that appended events; chain is the SHA-256 over the previous chain and the '
    'canonical bytes of this commit (docs/log.md).';

CREATE TABLE log.head (
    single   boolean PRIMARY KEY DEFAULT true CHECK (single),
    position bigint  NOT NULL,
    chain    bytea   NOT NULL
) WITH (fillfactor = 10);
COMMENT ON TABLE log.head IS
    'Last position and chain. append() locks this row until its commit is flushed, so insert order '
    'is commit order and no reader can pass a gap.';
INSERT INTO log.head (position, chain) VALUES (0, sha256(''::bytea));

-- Owners make mistakes too: what is written stays, whoever asks.
CREATE FUNCTION log.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log is append-only: % on %.% is refused', TG_OP, TG_TABLE_SCHEMA,
        TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;
DO $$
DECLARE
    kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['events', 'commands', 'commits'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log.%I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change()', kept);
    END LOOP;
    -- The head moves with every append, but it never goes away.
    CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON log.head
        FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
END
$$;

RESET ROLE;
