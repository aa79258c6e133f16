-- Positions and orders of before are made anew from the first event on: fees and funding by currency,
-- and how an order ended that late fills completed, are in no row that is there. Projections find
-- that they are at no position and ask Kafka to deliver from the beginning; where it no longer
-- holds that, `patriot rebuild positions` and `patriot rebuild orders` read the log instead.
SET ROLE patriot_owner;

DELETE FROM model.positions;
DELETE FROM model.position_costs;
DELETE FROM model.position_history;
DELETE FROM model.orders;
DELETE FROM model.projection_positions WHERE projection IN ('positions', 'orders');

RESET ROLE;
