-- API keys of accounts at their venues: which there are. No secret is here, not even sealed.
SET ROLE patriot_owner;

CREATE TABLE model.venue_keys (
    account_id  uuid        NOT NULL,
    key_version integer     NOT NULL,
    venue       text        NOT NULL,
    scheme      text        NOT NULL,
    hint        text        NOT NULL,
    fingerprint text        NOT NULL,
    label       text        NOT NULL,
    permissions text        NOT NULL,
    replaces    integer,
    added_at    timestamptz NOT NULL,
    revoked_at  timestamptz,
    position    bigint      NOT NULL,
    PRIMARY KEY (account_id, key_version)
);

CREATE VIEW read.venue_keys AS
SELECT account_id, key_version, venue,
       CASE WHEN revoked_at IS NOT NULL THEN 'revoked'
            WHEN key_version = max(key_version) FILTER (WHERE revoked_at IS NULL)
                               OVER (PARTITION BY account_id) THEN 'current'
            ELSE 'grace' END AS status,
       scheme, hint, fingerprint, label, string_to_array(permissions, ',') AS permissions, replaces,
       added_at, revoked_at, position
  FROM model.venue_keys;
COMMENT ON VIEW read.venue_keys IS 'One row for each API key that an account has or had at its venue. The secret is not here (docs/security.md).';
COMMENT ON COLUMN read.venue_keys.account_id IS 'Account that the key belongs to.';
COMMENT ON COLUMN read.venue_keys.key_version IS 'Number of the key in its account; of two keys the later one is the current one.';
COMMENT ON COLUMN read.venue_keys.venue IS 'Venue of the key, as in instruments, e.g. BINANCE.';
COMMENT ON COLUMN read.venue_keys.status IS 'current, grace (replaced, and usable until it is revoked) or revoked.';
COMMENT ON COLUMN read.venue_keys.scheme IS 'How requests are signed: hmac_sha256, ed25519 or rsa_sha256.';
COMMENT ON COLUMN read.venue_keys.hint IS 'The last four characters of the public API key.';
COMMENT ON COLUMN read.venue_keys.fingerprint IS 'Sixteen hexadecimal digits of the SHA-256 of the public API key.';
COMMENT ON COLUMN read.venue_keys.label IS 'What the operator calls it.';
COMMENT ON COLUMN read.venue_keys.permissions IS 'What the venue lets the key do, as its owner says: read, trade; sorted.';
COMMENT ON COLUMN read.venue_keys.replaces IS 'Version of the key that was current before; null for an added one.';
COMMENT ON COLUMN read.venue_keys.added_at IS 'When it was added or rotated in.';
COMMENT ON COLUMN read.venue_keys.revoked_at IS 'When its secret was taken; null while it is not.';
COMMENT ON COLUMN read.venue_keys.position IS 'Log position of the last change.';

RESET ROLE;
