-- The one way into the log: one call, one round trip, one commit.
SET ROLE patriot_owner;

-- Commands, events and expected versions come as parallel arrays. `command_events` says how many of
-- the events, in order, belong to each command. `expected_streams` names every stream that was read
-- or is written, with its version before the batch. The result is one row:
--   appended    the batch is in the log, its first event at first_position
--   duplicates  nothing was written: the named commands are in the log already
--   conflict    nothing was written: the named streams are at these versions
-- A batch that contradicts itself is an error (22023): arrays of unequal length, an event of a
-- stream that expected_streams does not name, versions that do not follow each other.
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
-- Plans are kept from when the tables were empty; a scan of the whole table would then stay.
SET enable_seqscan = off
AS $$
DECLARE
    head_position bigint;
    head_chain    bytea;
    commands      integer := cardinality(command_ids);
    events        integer := cardinality(event_streams);
    stray         uuid;
    now_is        timestamptz;
BEGIN
    IF (commands, commands, commands, commands, events, events, events, events, events, events,
        cardinality(expected_streams))
       IS DISTINCT FROM
       (cardinality(command_accounts), cardinality(command_fingerprints),
        cardinality(command_results), cardinality(command_events), cardinality(event_versions),
        cardinality(event_types), cardinality(event_accounts), cardinality(event_payloads),
        cardinality(event_metadata),
        coalesce((SELECT sum(each) FROM unnest(command_events) AS each), 0)::integer,
        cardinality(expected_versions))
    THEN
        RAISE EXCEPTION 'the arrays of a batch do not fit together'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;

    -- Each event follows the one before it in its stream, the first one what was expected there.
    -- (A stream of the eventsourcing library may begin at 0, "nothing yet" being 0 all the same.)
    SELECT checked.stream_id INTO stray
      FROM (SELECT given.stream_id, given.version, given.place,
                   lag(given.version) OVER (PARTITION BY given.stream_id ORDER BY given.place)
                       AS before
              FROM (SELECT stream_id, version, 0::bigint AS place
                      FROM unnest(expected_streams, expected_versions) AS e (stream_id, version)
                     UNION ALL
                    SELECT stream_id, version, place
                      FROM unnest(event_streams, event_versions)
                           WITH ORDINALITY AS e (stream_id, version, place)
                   ) AS given
           ) AS checked
     WHERE checked.place > 0
       AND checked.version IS DISTINCT FROM checked.before + 1
       AND NOT (checked.version = 0 AND coalesce(checked.before = 0, false))
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the versions of stream % do not follow what is expected of it', stray
            USING ERRCODE = 'invalid_parameter_value';
    END IF;

    -- Everything below runs under this lock, which is held until the commit is flushed.
    SELECT h.position, h.chain INTO STRICT head_position, head_chain FROM log.head h FOR UPDATE;
    first_position := head_position + 1;

    -- One index probe a command, whatever the planner believes of the table's size.
    SELECT array_agg(asked.account_id), array_agg(asked.command_id)
      INTO duplicate_accounts, duplicate_ids
      FROM unnest(command_accounts, command_ids) AS asked (account_id, command_id)
     CROSS JOIN LATERAL (SELECT FROM log.commands c
                          WHERE c.account_id = asked.account_id AND c.command_id = asked.command_id
                          LIMIT 1) AS known;
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
            OFFSET 0
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

        -- The canonical bytes of docs/log.md: every part of known length, or behind its length.
        now_is := clock_timestamp();
        SELECT sha256(head_chain || int8send(head_position + 1) || int8send(head_position + events)
                      || int8send((extract(epoch FROM now_is) * 1000000)::bigint)
                      || string_agg(
                             (int8send(head_position + given.place) || uuid_send(given.stream_id)
                              || int4send(given.version)
                              || int4send(octet_length(given.type))
                              || convert_to(given.type, 'UTF8') || uuid_send(given.account_id)
                              || int4send(octet_length(given.payload)))
                             || (given.payload || (int4send(octet_length(given.metadata))
                                                   || given.metadata)),
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
