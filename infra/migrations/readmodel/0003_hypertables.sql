-- Series become hypertables where TimescaleDB is; on a plain server they stay ordinary tables.
-- Only functions of its Apache licence are used, so every build of the extension will do.
DO $$
DECLARE
    series record;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb') THEN
        RAISE NOTICE 'TimescaleDB is not installed on this server: series are ordinary tables';
        RETURN;
    END IF;
    IF position('timescaledb' IN current_setting('shared_preload_libraries')) = 0 THEN
        RAISE NOTICE 'TimescaleDB is installed but not in shared_preload_libraries: series are ordinary tables';
        RETURN;
    END IF;
    CREATE EXTENSION IF NOT EXISTS timescaledb;
    FOR series IN
        SELECT * FROM (VALUES ('fills', 'filled_at', interval '1 day'),
                              ('position_history', 'changed_at', interval '1 day'),
                              ('marks', 'at', interval '6 hours'),
                              ('candles', 'open_time', interval '7 days')) AS t(name, dimension, chunk)
    LOOP
        PERFORM create_hypertable(format('model.%I', series.name)::regclass,
                                  series.dimension::name,
                                  chunk_time_interval => series.chunk,
                                  create_default_indexes => false);
    END LOOP;
END
$$;
