-- What is held of limits over many accounts, at the market's prices.
SET ROLE patriot_owner;

CREATE VIEW read.wider_exposures AS
WITH held AS (
    -- Both legs of a hedged account count, as in the checks of orders.
    SELECT p.account_id, a.user_id::text AS user_id, split_part(p.instrument, ':', 1) AS venue,
           p.instrument, p.currency,
           coalesce(sum(abs(p.net_quantity)) * max(p.mark_price), sum(p.cost)) AS worth
      FROM read.positions p LEFT JOIN read.accounts a USING (account_id)
     WHERE p.net_quantity <> 0
     GROUP BY p.account_id, a.user_id, p.instrument, p.currency
), by_instrument AS (
    SELECT l.scope, l.subject, l.counted, l.currency, l.value, h.instrument, sum(h.worth) AS worth
      FROM read.wider_limits l
      LEFT JOIN held h
        ON h.currency = l.currency
       AND CASE l.scope WHEN 'platform' THEN true
                        WHEN 'user' THEN h.user_id = l.subject
                        WHEN 'venue' THEN h.venue = l.subject END
     WHERE l.value IS NOT NULL AND l.counted IN ('gross_notional', 'position_notional')
     GROUP BY l.scope, l.subject, l.counted, l.currency, l.value, h.instrument
)
SELECT scope, subject, counted, currency, value,
       coalesce(CASE counted WHEN 'gross_notional' THEN sum(worth) ELSE max(worth) END, 0) AS held
  FROM by_instrument
 GROUP BY scope, subject, counted, currency, value;
COMMENT ON VIEW read.wider_exposures IS 'What all accounts together hold of each limit over them, at the latest marks; above it they are halted, reduce only.';
COMMENT ON COLUMN read.wider_exposures.scope IS 'platform, user or venue.';
COMMENT ON COLUMN read.wider_exposures.subject IS 'Which user or venue; empty for the platform.';
COMMENT ON COLUMN read.wider_exposures.counted IS 'gross_notional: the sum over instruments; position_notional: the largest instrument.';
COMMENT ON COLUMN read.wider_exposures.currency IS 'Currency of both numbers.';
COMMENT ON COLUMN read.wider_exposures.value IS 'The limit in force.';
COMMENT ON COLUMN read.wider_exposures.held IS 'Value of what is held, open orders not counted; at its cost while no mark is known.';

RESET ROLE;
