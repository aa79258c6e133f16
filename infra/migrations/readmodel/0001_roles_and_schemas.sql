-- Who may do what with the read models: projections write `model`, everybody else reads `read`.
-- Roles have no password here; the operator gives each one (ALTER ROLE ... PASSWORD) or a
-- certificate, where the server asks for one.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['patriot_owner', 'patriot_project', 'patriot_read'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I %s', wanted,
                               CASE wanted WHEN 'patriot_owner' THEN 'NOLOGIN' ELSE 'LOGIN' END);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;  -- roles belong to the whole server: another database was quicker
            END;
        END IF;
    END LOOP;
    -- An installer that is no superuser must be a member to give objects to their owner.
    IF NOT pg_has_role(current_user, 'patriot_owner', 'MEMBER') THEN
        EXECUTE format('GRANT patriot_owner TO %I', current_user);
    END IF;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO patriot_project, patriot_read', current_database());
    -- Changed rows go through temporary tables (COPY, then one UPDATE).
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO patriot_project', current_database());
END
$$;

CREATE SCHEMA model AUTHORIZATION patriot_owner;
CREATE SCHEMA read AUTHORIZATION patriot_owner;
COMMENT ON SCHEMA model IS 'Rows derived from the event log and the market; written by projections only, rebuilt at any time. Read them through the schema read.';
COMMENT ON SCHEMA read IS 'What is shown: documented views over the read models. A contract: columns are added, never changed.';

GRANT USAGE ON SCHEMA model, read TO patriot_project;
GRANT USAGE ON SCHEMA read TO patriot_read;
ALTER DEFAULT PRIVILEGES FOR ROLE patriot_owner IN SCHEMA model
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO patriot_project;
ALTER DEFAULT PRIVILEGES FOR ROLE patriot_owner IN SCHEMA read
    GRANT SELECT ON TABLES TO patriot_read, patriot_project;
-- A reader cannot keep a connection busy for ever, and cannot hold the server's clean-up back.
ALTER ROLE patriot_read SET statement_timeout = '30s';
ALTER ROLE patriot_read SET idle_in_transaction_session_timeout = '30s';
ALTER ROLE patriot_read SET default_transaction_read_only = on;
ALTER ROLE patriot_project SET idle_in_transaction_session_timeout = '60s';
