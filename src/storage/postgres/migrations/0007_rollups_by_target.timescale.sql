-- Left to itself the server mixes all targets in a batch: one target's day was read out of everybody's.
alter materialized view pmd.minute_rollups set (
  timescaledb.compress_segmentby = 'target_id, vantage', timescaledb.compress_orderby = 'start_at'
);
alter materialized view pmd.hour_rollups set (
  timescaledb.compress_segmentby = 'target_id, vantage', timescaledb.compress_orderby = 'start_at'
);

-- Minutes are read by the day.
select public.set_chunk_time_interval('pmd.added_minute_rollups', interval '1 day');
