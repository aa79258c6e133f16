-- Keys of personal data, one for each subject: beside the log, never in it (docs/security.md). The
-- event that says a user is erased and the loss of the user's key are one commit.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['patriot_keys', 'patriot_unlock'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I LOGIN', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;
            END;
        END IF;
    END LOOP;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO patriot_keys, patriot_unlock',
                   current_database());
END
$$;

CREATE SCHEMA keys AUTHORIZATION patriot_owner;
SET ROLE patriot_owner;

-- An erased key's old row version is cleared by the next autovacuum, not by the fiftieth erasure.
CREATE TABLE keys.subjects (
    subject_id  uuid PRIMARY KEY,
    stream_id   uuid        NOT NULL UNIQUE,
    wrapped_key bytea,
    created_at  timestamptz NOT NULL DEFAULT now(),
    erased_at   timestamptz,
    CHECK ((wrapped_key IS NULL) = (erased_at IS NOT NULL))
) WITH (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0);
COMMENT ON TABLE keys.subjects IS
    'The key of each subject''s personal data, wrapped by the master key; null once erased. The row '
    'stays, so that no new key is ever made for an erased subject.';
COMMENT ON COLUMN keys.subjects.stream_id IS
    'The subject''s stream in the log: a user.erased.v1 in it takes the key.';

-- The key of a subject, made on first use; null once erased. Whoever comes second gets the first.
CREATE FUNCTION keys.ensure(subject uuid, stream uuid, wrapped bytea)
RETURNS bytea LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found bytea;
BEGIN
    INSERT INTO keys.subjects (subject_id, stream_id, wrapped_key)
        VALUES (subject, stream, wrapped)
        ON CONFLICT DO NOTHING;
    SELECT s.wrapped_key INTO found FROM keys.subjects s
        WHERE s.subject_id = subject AND s.stream_id = stream;
    RETURN found;
END
$$;

CREATE FUNCTION keys.shred() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE keys.subjects SET wrapped_key = NULL, erased_at = now()
        WHERE stream_id = NEW.stream_id AND wrapped_key IS NOT NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER shred AFTER INSERT ON log.events
    FOR EACH ROW WHEN (NEW.type = 'user.erased.v1') EXECUTE FUNCTION keys.shred();

REVOKE ALL ON FUNCTION keys.ensure, keys.shred FROM PUBLIC;
GRANT USAGE ON SCHEMA keys TO patriot_keys, patriot_unlock;
GRANT EXECUTE ON FUNCTION keys.ensure TO patriot_keys;
GRANT SELECT ON keys.subjects TO patriot_keys, patriot_unlock;

RESET ROLE;
