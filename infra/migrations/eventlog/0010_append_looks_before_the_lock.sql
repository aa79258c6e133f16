-- log.append() as in 0008_append_in_one_plan.sql, with the same rows, chain and answers. Appends
-- follow each other under the head's lock, so what one does before it takes the lock costs the next
-- one nothing: a batch is checked, and its commands and streams are looked up, before.
SET ROLE patriot_owner;

-- Which of these commands are in the log, else which of these streams are not where they should be;
-- no outcome if all is as expected. One index probe each, whatever the planner believes of the
-- tables' sizes. Volatile, so that each call sees what was committed until then.
CREATE FUNCTION log.contradictions(
    command_accounts     uuid[],
    command_ids          uuid[],
    expected_streams     uuid[],
    expected_versions    integer[],
    OUT outcome            text,
    OUT duplicate_accounts uuid[],
    OUT duplicate_ids      uuid[],
    OUT conflict_streams   uuid[],
    OUT conflict_versions  integer[]
) RETURNS record LANGUAGE plpgsql AS $$
BEGIN
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
    END IF;
END
$$;
REVOKE ALL ON FUNCTION log.contradictions FROM PUBLIC;

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
-- when the tables were empty; a scan of the whole table would then stay, and arrays of unknown
-- length are joined by hashing (a loop is left where nothing else can be done: index probes).
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_mergejoin = off
SET enable_nestloop = off
-- The chain is over the rows in the order of the arrays; no plan may deal them out.
SET max_parallel_workers_per_gather = 0
AS $$
DECLARE
    head_position bigint;
    head_chain    bytea;
    commands      integer := cardinality(command_ids);
    events        integer := cardinality(event_streams);
    counted       integer;
    upto          bigint := 0;
    command_upto  bigint[];
    stray         uuid;
    read_streams  uuid[];
    read_versions integer[];
    now_is        timestamptz;
BEGIN
    FOREACH counted IN ARRAY coalesce(command_events, '{}') LOOP
        upto := upto + counted;
        command_upto := command_upto || upto;
    END LOOP;
    IF (commands, commands, commands, commands, events, events, events, events, events, events,
        cardinality(expected_streams))
       IS DISTINCT FROM
       (cardinality(command_accounts), cardinality(command_fingerprints),
        cardinality(command_results), cardinality(command_events), cardinality(event_versions),
        cardinality(event_types), cardinality(event_accounts), cardinality(event_payloads),
        cardinality(event_metadata), upto, cardinality(expected_versions))
    THEN
        RAISE EXCEPTION 'the arrays of a batch do not fit together'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;

    -- Each event follows one before it in its stream, the first one what was expected there. (A
    -- stream of the eventsourcing library may begin at 0, "nothing yet" being 0 all the same.)
    -- What nothing follows was only read.
    SELECT (array_agg(given.stream_id) FILTER (WHERE before.place IS NULL))[1],
           array_agg(before.stream_id) FILTER (WHERE given.place IS NULL AND before.place = 0),
           array_agg(before.version) FILTER (WHERE given.place IS NULL AND before.place = 0)
      INTO stray, read_streams, read_versions
      FROM (SELECT unnest(event_streams) AS stream_id,
                   greatest(unnest(event_versions) - 1, 0) AS follows,
                   generate_series(1, events) AS place) AS given
      FULL JOIN (SELECT unnest(expected_streams) AS stream_id,
                        unnest(expected_versions) AS version, 0 AS place
                  UNION ALL
                 SELECT unnest(event_streams), unnest(event_versions), generate_series(1, events)
                ) AS before
        ON before.stream_id = given.stream_id AND before.version = given.follows
           AND before.place < given.place;
    IF stray IS NULL AND 0 = ANY (event_versions) THEN
        SELECT first.stream_id INTO stray
          FROM (SELECT unnest(event_streams) AS stream_id, unnest(event_versions) AS version,
                       generate_series(1, events) AS place) AS first
          JOIN (SELECT unnest(event_streams) AS stream_id, generate_series(1, events) AS place
               ) AS other
            ON other.stream_id = first.stream_id AND other.place < first.place
         WHERE first.version = 0
         LIMIT 1;
    END IF;
    IF stray IS NOT NULL THEN
        RAISE EXCEPTION 'the versions of stream % do not follow what is expected of it', stray
            USING ERRCODE = 'invalid_parameter_value';
    END IF;

    -- A command that is in the log stays there: no lock is needed to say so. A stream at another
    -- version may be there by this very batch, sent twice, so that has to be asked again.
    SELECT * INTO outcome, duplicate_accounts, duplicate_ids, conflict_streams, conflict_versions
      FROM log.contradictions(command_accounts, command_ids, expected_streams, expected_versions);
    IF outcome = 'duplicates' THEN
        RETURN;
    END IF;

    -- Everything below runs under this lock, which is held until the commit is flushed.
    SELECT h.position, h.chain INTO STRICT head_position, head_chain FROM log.head h FOR UPDATE;
    first_position := head_position + 1;

    -- What became of commands and of written streams since we looked is told by their unique keys;
    -- of streams that were only read, by nothing else than looking again.
    IF outcome IS NULL AND read_streams IS NOT NULL THEN
        SELECT c.outcome INTO outcome
          FROM log.contradictions('{}', '{}', read_streams, read_versions) AS c;
    END IF;
    IF outcome IS NOT NULL THEN
        SELECT * INTO outcome, duplicate_accounts, duplicate_ids, conflict_streams,
                      conflict_versions
          FROM log.contradictions(command_accounts, command_ids, expected_streams,
                                  expected_versions);
        IF outcome IS NOT NULL THEN
            RETURN;
        END IF;
    END IF;

    -- In a transaction within this one: if somebody was faster, what it did is taken back under the
    -- lock. The head is moved outside of it: a row that two transactions hold costs both of them.
    BEGIN
        INSERT INTO log.commands
        SELECT c.account_id, c.command_id, c.fingerprint, c.result,
               CASE WHEN c.events > 0 THEN head_position + c.upto - c.events + 1 ELSE 0 END,
               CASE WHEN c.events > 0 THEN head_position + c.upto ELSE 0 END
          FROM (SELECT unnest(command_accounts)     AS account_id,
                       unnest(command_ids)          AS command_id,
                       unnest(command_fingerprints) AS fingerprint,
                       unnest(command_results)      AS result,
                       unnest(command_events)       AS events,
                       unnest(command_upto)         AS upto) AS c;
        INSERT INTO log.events
        SELECT generate_series(head_position + 1, head_position + events), unnest(event_streams),
               unnest(event_versions), unnest(event_types), unnest(event_accounts),
               unnest(event_payloads), unnest(event_metadata);
    EXCEPTION WHEN unique_violation THEN
        -- Somebody was, between our look and the lock; nobody can be now.
        SELECT * INTO outcome, duplicate_accounts, duplicate_ids, conflict_streams,
                      conflict_versions
          FROM log.contradictions(command_accounts, command_ids, expected_streams,
                                  expected_versions);
        IF outcome IS NULL THEN
            RAISE EXCEPTION 'a command or a version comes twice in a batch'
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        RETURN;
    END;

    IF events > 0 THEN
        -- The canonical bytes of docs/log.md: every part of known length, or behind its length.
        now_is := clock_timestamp();
        SELECT sha256(head_chain || int8send(head_position + 1) || int8send(head_position + events)
                      || int8send((extract(epoch FROM now_is) * 1000000)::bigint)
                      || string_agg(
                             (int8send(given.position) || uuid_send(given.stream_id)
                              || int4send(given.version)
                              || int4send(octet_length(given.type))
                              || convert_to(given.type, 'UTF8') || uuid_send(given.account_id)
                              || int4send(octet_length(given.payload)))
                             || (given.payload || (int4send(octet_length(given.metadata))
                                                   || given.metadata)),
                             ''::bytea))
          INTO head_chain
          FROM (SELECT generate_series(head_position + 1, head_position + events) AS position,
                       unnest(event_streams)  AS stream_id,
                       unnest(event_versions) AS version,
                       unnest(event_types)    AS type,
                       unnest(event_accounts) AS account_id,
                       unnest(event_payloads) AS payload,
                       unnest(event_metadata) AS metadata) AS given;
        INSERT INTO log.commits VALUES (head_position + events, head_position + 1, now_is,
                                        head_chain);
        UPDATE log.head SET position = head_position + events, chain = head_chain;
        PERFORM pg_notify('patriot_log', (head_position + events)::text);
    END IF;
    outcome := 'appended';
END
$$;

RESET ROLE;
