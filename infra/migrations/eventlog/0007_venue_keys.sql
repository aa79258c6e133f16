-- Secrets of venue API keys: beside the log, never in it (docs/adr/0018). Each is sealed under a data
-- key of its own, which is wrapped by the master key. The event that names a key makes its secret
-- usable and the event that revokes it takes the secret, each in its own commit.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['patriot_venue', 'patriot_rekey'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I LOGIN', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;
            END;
        END IF;
    END LOOP;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO patriot_venue, patriot_rekey',
                   current_database());
END
$$;

SET ROLE patriot_owner;

CREATE TABLE keys.venue_secrets (
    account_id  uuid        NOT NULL,
    key_version integer     NOT NULL CHECK (key_version > 0),
    venue       text        NOT NULL,
    wrapped_key bytea,
    ciphertext  bytea,
    staged_at   timestamptz NOT NULL DEFAULT now(),
    added_at    timestamptz,
    revoked_at  timestamptz,
    PRIMARY KEY (account_id, key_version),
    CHECK ((wrapped_key IS NULL) = (ciphertext IS NULL)),
    CHECK (revoked_at IS NULL OR wrapped_key IS NULL)
) WITH (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0);
COMMENT ON TABLE keys.venue_secrets IS
    'Secrets of venue API keys, sealed; null once revoked. The row stays, so that no version is '
    'ever given twice.';
COMMENT ON COLUMN keys.venue_secrets.added_at IS
    'When the event that names the key was committed; a secret without it cannot be used.';

CREATE FUNCTION keys.next_venue_key(account uuid)
RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(max(key_version), 0) + 1 FROM keys.venue_secrets WHERE account_id = account
$$;

-- Keep a secret under a version that is free; false if somebody was faster. What was kept a day ago
-- and never named by an event goes.
CREATE FUNCTION keys.stage_venue_secret(
    account uuid, version integer, at_venue text, wrapped bytea, secret bytea
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE keys.venue_secrets SET wrapped_key = NULL, ciphertext = NULL
        WHERE account_id = account AND added_at IS NULL AND wrapped_key IS NOT NULL
          AND staged_at < now() - interval '1 day';
    INSERT INTO keys.venue_secrets (account_id, key_version, venue, wrapped_key, ciphertext)
        VALUES (account, version, at_venue, wrapped, secret)
        ON CONFLICT DO NOTHING;
    RETURN FOUND;
END
$$;

CREATE FUNCTION keys.follow_venue_keys() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    said jsonb := convert_from(NEW.payload, 'UTF8')::jsonb;
BEGIN
    IF NEW.type = 'account.venue_key_revoked.v1' THEN
        UPDATE keys.venue_secrets SET wrapped_key = NULL, ciphertext = NULL, revoked_at = now()
            WHERE account_id = NEW.account_id AND key_version = (said ->> 'key_version')::integer;
    ELSE
        UPDATE keys.venue_secrets SET added_at = now()
            WHERE account_id = NEW.account_id
              AND key_version = (said -> 'key' ->> 'version')::integer;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER follow_venue_keys AFTER INSERT ON log.events
    FOR EACH ROW WHEN (NEW.type IN ('account.venue_key_added.v1', 'account.venue_key_rotated.v1',
                                    'account.venue_key_revoked.v1'))
    EXECUTE FUNCTION keys.follow_venue_keys();

-- Wrapped anew by another master key, if nobody changed it meanwhile: an erased key stays erased.
CREATE FUNCTION keys.rewrap_subject(subject uuid, before bytea, after bytea)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE keys.subjects SET wrapped_key = after
        WHERE subject_id = subject AND wrapped_key = before AND after IS NOT NULL;
    RETURN FOUND;
END
$$;

CREATE FUNCTION keys.rewrap_venue_secret(
    account uuid, version integer, before bytea, after bytea
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE keys.venue_secrets SET wrapped_key = after
        WHERE account_id = account AND key_version = version AND wrapped_key = before
          AND after IS NOT NULL;
    RETURN FOUND;
END
$$;

REVOKE ALL ON FUNCTION keys.next_venue_key, keys.stage_venue_secret, keys.follow_venue_keys,
    keys.rewrap_subject, keys.rewrap_venue_secret FROM PUBLIC;
GRANT USAGE ON SCHEMA keys TO patriot_venue, patriot_rekey;
GRANT EXECUTE ON FUNCTION keys.next_venue_key, keys.stage_venue_secret TO patriot_keys;
GRANT SELECT ON keys.venue_secrets TO patriot_venue;
-- Who wraps anew sees wrapped keys, never what they open.
GRANT SELECT (account_id, key_version, venue, wrapped_key) ON keys.venue_secrets TO patriot_rekey;
GRANT SELECT (subject_id, wrapped_key) ON keys.subjects TO patriot_rekey;
GRANT EXECUTE ON FUNCTION keys.rewrap_subject, keys.rewrap_venue_secret TO patriot_rekey;

RESET ROLE;
