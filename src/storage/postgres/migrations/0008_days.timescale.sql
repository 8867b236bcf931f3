-- Days beside the hours: years are read in days. They are read up to where they are rolled up, never beyond.
create materialized view pmd.day_rollups
  with (timescaledb.continuous, timescaledb.materialized_only = true, timescaledb.create_group_indexes = false)
  as
  select target_id, vantage,
    public.time_bucket(interval '1 day', start_at) as start_at,
    sum(sent)::bigint as sent,
    sum(lost)::bigint as lost,
    sum(not_sent)::bigint as not_sent,
    sum(rtt_sum_micros)::bigint as rtt_sum_micros,
    sum(rtt_sum_squares) as rtt_sum_squares,
    min(rtt_min_micros) as rtt_min_micros,
    max(rtt_max_micros) as rtt_max_micros,
    (array_agg(rtt_first_micros order by start_at) filter (where sent > lost))[1] as rtt_first_micros,
    pmd.last_of(array_agg(rtt_last_micros order by start_at) filter (where sent > lost)) as rtt_last_micros,
    (sum(ipdv_sum_micros) + pmd.join_ipdv(
      array_agg(rtt_first_micros order by start_at) filter (where sent > lost),
      array_agg(rtt_last_micros order by start_at) filter (where sent > lost)))::bigint as ipdv_sum_micros,
    pmd.join_jitter(
      array_agg(sent - lost order by start_at) filter (where sent > lost),
      array_agg(rtt_first_micros order by start_at) filter (where sent > lost),
      array_agg(rtt_last_micros order by start_at) filter (where sent > lost),
      array_agg(jitter_micros order by start_at) filter (where sent > lost)) as jitter_micros,
    sum(covered_millis)::bigint as covered_millis,
    pmd.merge_histograms(pmd.concatenate(reply_ttls)) as reply_ttls,
    pmd.last_of(array_agg(reply_ttl_last order by start_at) filter (where reply_ttl_last is not null)) as reply_ttl_last,
    pmd.merge_histograms(pmd.concatenate(sketch)) as sketch
  from pmd.hour_rollups
  group by target_id, vantage, public.time_bucket(interval '1 day', start_at)
  with no data;

create index day_rollups_of_target on pmd.day_rollups (target_id, vantage, start_at);

select public.set_chunk_time_interval(format('%I.%I', materialization_hypertable_schema, materialization_hypertable_name)::regclass,
  interval '90 days')
from timescaledb_information.continuous_aggregates
where view_schema = 'pmd' and view_name = 'day_rollups';

alter materialized view pmd.day_rollups set (
  timescaledb.compress, timescaledb.compress_segmentby = 'target_id, vantage', timescaledb.compress_orderby = 'start_at'
);

-- Made from the added hours, in the same commit as they.
create table pmd.added_day_rollups (like pmd.added_hour_rollups including all);

select public.create_hypertable('pmd.added_day_rollups', 'start_at',
  chunk_time_interval => interval '90 days', create_default_indexes => false);

alter table pmd.added_day_rollups set (
  timescaledb.compress, timescaledb.compress_segmentby = 'target_id, vantage', timescaledb.compress_orderby = 'start_at'
);
