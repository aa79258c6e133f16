-- The one way into the log: one call, one round trip, one commit.
SET ROLE patriot_owner;

-- Commands, events and expected versions come as parallel arrays. `command_events` says how many of
-- the events, in order, belong to each command. The result is one row:
--   appended    the batch is in the log, its first event at first_position
--   duplicates  nothing was written: the named commands are in the log already
--   conflict    nothing was written: the named streams are at these versions
CREATE FUNCTION log.append(
    command_accounts     uuid[],
    command_ids          uuid[],
    command_fingerprints bytea[],
    command_results      bytea[],
    command_events       integer[],
    event_streams        uuid[],
    event_versions       integer[],
    event_types          text[],
    event_accounts       uuid[],
    event_payloads       bytea[],
    event_metadata       bytea[],
    expected_streams     uuid[],
    expected_versions    integer[],
    OUT outcome            text,
    OUT first_position     bigint,
    OUT duplicate_accounts uuid[],
    OUT duplicate_ids      uuid[],
    OUT conflict_streams   uuid[],
    OUT conflict_versions  integer[]
) RETURNS record LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    head_position bigint;
    head_chain    bytea;
    events        integer := coalesce(array_length(event_streams, 1), 0);
    now_is        timestamptz;
BEGIN
    -- Everything below runs under this lock, which is held until the commit is flushed.
    SELECT h.position, h.chain INTO STRICT head_position, head_chain FROM log.head h FOR UPDATE;
    first_position := head_position + 1;

    SELECT array_agg(c.account_id), array_agg(c.command_id)
      INTO duplicate_accounts, duplicate_ids
      FROM unnest(command_accounts, command_ids) AS asked (account_id, command_id)
      JOIN log.commands c USING (account_id, command_id);
    IF duplicate_ids IS NOT NULL THEN
        outcome := 'duplicates';
        RETURN;
    END IF;

    SELECT array_agg(found.stream_id), array_agg(found.actual)
      INTO conflict_streams, conflict_versions
      FROM (SELECT wanted.stream_id, wanted.version,
                   coalesce((SELECT max(e.version) FROM log.events e
                              WHERE e.stream_id = wanted.stream_id), 0) AS actual
              FROM unnest(expected_streams, expected_versions) AS wanted (stream_id, version)
           ) AS found
     WHERE found.actual <> found.version;
    IF conflict_streams IS NOT NULL THEN
        outcome := 'conflict';
        RETURN;
    END IF;

    INSERT INTO log.commands
    SELECT c.account_id, c.command_id, c.fingerprint, c.result,
           CASE WHEN c.events > 0 THEN head_position + c.upto - c.events + 1 ELSE 0 END,
           CASE WHEN c.events > 0 THEN head_position + c.upto ELSE 0 END
      FROM (SELECT given.*, sum(given.events) OVER (ORDER BY given.place) AS upto
              FROM unnest(command_accounts, command_ids, command_fingerprints, command_results,
                          command_events)
                   WITH ORDINALITY AS given (account_id, command_id, fingerprint, result, events,
                                             place)
           ) AS c;

    IF events > 0 THEN
        INSERT INTO log.events
        SELECT head_position + given.place, given.stream_id, given.version, given.type,
               given.account_id, given.payload, given.metadata
          FROM unnest(event_streams, event_versions, event_types, event_accounts, event_payloads,
                      event_metadata)
               WITH ORDINALITY AS given (stream_id, version, type, account_id, payload, metadata,
                                         place);

        now_is := clock_timestamp();
        SELECT sha256(head_chain || int8send(head_position + 1) || int8send(head_position + events)
                      || int8send((extract(epoch FROM now_is) * 1000000)::bigint)
                      || string_agg(
                             int8send(head_position + given.place) || uuid_send(given.stream_id)
                             || int4send(given.version)
                             || int4send(octet_length(given.type)) || convert_to(given.type, 'UTF8')
                             || uuid_send(given.account_id)
                             || int4send(octet_length(given.payload)) || given.payload
                             || int4send(octet_length(given.metadata)) || given.metadata,
                             ''::bytea ORDER BY given.place))
          INTO head_chain
          FROM unnest(event_streams, event_versions, event_types, event_accounts, event_payloads,
                      event_metadata)
               WITH ORDINALITY AS given (stream_id, version, type, account_id, payload, metadata,
                                         place);
        INSERT INTO log.commits VALUES (head_position + events, head_position + 1, now_is,
                                        head_chain);
        UPDATE log.head SET position = head_position + events, chain = head_chain;
        PERFORM pg_notify('patriot_log', (head_position + events)::text);
    END IF;
    outcome := 'appended';
END
$$;
COMMENT ON FUNCTION log.append IS
    'Appends a batch of decided commands atomically under one lock, or says why not.';

REVOKE ALL ON FUNCTION log.append FROM PUBLIC;
GRANT USAGE ON SCHEMA log TO patriot_append, patriot_tail;
GRANT EXECUTE ON FUNCTION log.append TO patriot_append;
GRANT SELECT ON log.events, log.commands, log.commits, log.head TO patriot_append, patriot_tail;

RESET ROLE;
-- A session that forgets to end its transaction must not hold the log for ever.
ALTER ROLE patriot_append SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE patriot_append SET statement_timeout = '30s';
ALTER ROLE patriot_tail SET idle_in_transaction_session_timeout = '30s';
ALTER ROLE patriot_tail SET default_transaction_read_only = on;
