-- Snapshots of the eventsourcing library: a cache of its aggregates, no part of the log. They are
-- no events: no position, no chain, and the owner may delete them at any time.
SET ROLE patriot_owner;

CREATE TABLE log.snapshots (
    stream_id uuid    NOT NULL,
    version   integer NOT NULL,
    type      text    NOT NULL,
    payload   bytea   NOT NULL,
    PRIMARY KEY (stream_id, version)
);
COMMENT ON TABLE log.snapshots IS
    'States of aggregates at a version, kept by the eventsourcing library to read fewer events; '
    'can be deleted, nothing but time is lost.';

-- A service can add a snapshot but not change one: what another service may have read stays.
GRANT SELECT, INSERT ON log.snapshots TO patriot_append;
GRANT SELECT ON log.snapshots TO patriot_tail;

RESET ROLE;
