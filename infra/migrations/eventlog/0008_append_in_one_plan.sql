-- log.append() as in 0002_append.sql, with the same rows, chain and answers, and less work for them:
-- plans are made once, and a batch's arrays are unrolled side by side while they are written
-- instead of through a table of rows in between (one for each array, and for each statement).
SET ROLE patriot_owner;

CREATE OR REPLACE FUNCTION log.append(
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
-- One plan for every size of batch: making one anew cost a third of a small append. It is kept from
-- when the tables were empty; a scan of the whole table would then stay.
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
-- The chain is over the rows in the order of the arrays; no plan may deal them out.
SET max_parallel_workers_per_gather = 0
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
      FROM (SELECT unnest(command_accounts) AS account_id, unnest(command_ids) AS command_id)
           AS asked
     CROSS JOIN LATERAL (SELECT FROM log.commands c
                          WHERE c.account_id = asked.account_id AND c.command_id = asked.command_id
                          LIMIT 1) AS known;
    IF duplicate_ids IS NOT NULL THEN
        outcome := 'duplicates';
        RETURN;
    END IF;

    SELECT array_agg(wanted.stream_id), array_agg(coalesce(actual.version, 0))
      INTO conflict_streams, conflict_versions
      FROM (SELECT unnest(expected_streams) AS stream_id, unnest(expected_versions) AS version)
           AS wanted
      LEFT JOIN LATERAL (SELECT e.version FROM log.events e
                          WHERE e.stream_id = wanted.stream_id
                          ORDER BY e.version DESC LIMIT 1) AS actual ON true
     WHERE coalesce(actual.version, 0) <> wanted.version;
    IF conflict_streams IS NOT NULL THEN
        outcome := 'conflict';
        RETURN;
    END IF;

    INSERT INTO log.commands
    SELECT c.account_id, c.command_id, c.fingerprint, c.result,
           CASE WHEN c.events > 0 THEN head_position + c.upto - c.events + 1 ELSE 0 END,
           CASE WHEN c.events > 0 THEN head_position + c.upto ELSE 0 END
      FROM (SELECT given.*, sum(given.events) OVER (ROWS UNBOUNDED PRECEDING) AS upto
              FROM (SELECT unnest(command_accounts)     AS account_id,
                           unnest(command_ids)          AS command_id,
                           unnest(command_fingerprints) AS fingerprint,
                           unnest(command_results)      AS result,
                           unnest(command_events)       AS events) AS given
           ) AS c;

    IF events > 0 THEN
        INSERT INTO log.events
        SELECT generate_series(head_position + 1, head_position + events), unnest(event_streams),
               unnest(event_versions), unnest(event_types), unnest(event_accounts),
               unnest(event_payloads), unnest(event_metadata);

        -- The canonical bytes of docs/log.md: every part of known length, or behind its length.
        now_is := clock_timestamp();
        SELECT sha256(string_agg(part.bytes, ''::bytea))
          INTO head_chain
          FROM (SELECT head_chain || int8send(head_position + 1) || int8send(head_position + events)
                       || int8send((extract(epoch FROM now_is) * 1000000)::bigint) AS bytes
                 UNION ALL
                SELECT (int8send(given.position) || uuid_send(given.stream_id)
                        || int4send(given.version)
                        || int4send(octet_length(given.type))
                        || convert_to(given.type, 'UTF8') || uuid_send(given.account_id)
                        || int4send(octet_length(given.payload)))
                       || (given.payload || (int4send(octet_length(given.metadata))
                                             || given.metadata))
                  FROM (SELECT generate_series(head_position + 1, head_position + events)
                                                      AS position,
                               unnest(event_streams)  AS stream_id,
                               unnest(event_versions) AS version,
                               unnest(event_types)    AS type,
                               unnest(event_accounts) AS account_id,
                               unnest(event_payloads) AS payload,
                               unnest(event_metadata) AS metadata) AS given
               ) AS part;
        INSERT INTO log.commits VALUES (head_position + events, head_position + 1, now_is,
                                        head_chain);
        UPDATE log.head SET position = head_position + events, chain = head_chain;
        PERFORM pg_notify('patriot_log', (head_position + events)::text);
    END IF;
    outcome := 'appended';
END
$$;

RESET ROLE;
