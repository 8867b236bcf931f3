create materialized view pmd.minute_rollups
  with (timescaledb.continuous, timescaledb.materialized_only = false, timescaledb.create_group_indexes = false)
  as
  select target_id, vantage,
    public.time_bucket(interval '1 minute', sent_at) as start_at,
    count(*) filter (where outcome < 3) as sent,
    count(*) filter (where outcome in (1, 2)) as lost,
    count(*) filter (where outcome = 3) as not_sent,
    sum(rtt_micros) as rtt_sum_micros,
    sum(rtt_micros::double precision * rtt_micros) as rtt_sum_squares,
    min(rtt_micros) as rtt_min_micros,
    max(rtt_micros) as rtt_max_micros,
    (array_agg(rtt_micros order by sent_at) filter (where outcome = 0))[1] as rtt_first_micros,
    pmd.last_of(array_agg(rtt_micros order by sent_at) filter (where outcome = 0)) as rtt_last_micros,
    pmd.ipdv_sum_micros(array_agg(rtt_micros order by sent_at) filter (where outcome = 0)) as ipdv_sum_micros,
    pmd.jitter_micros(array_agg(rtt_micros order by sent_at) filter (where outcome = 0)) as jitter_micros,
    pmd.covered_millis(array_agg(sent_at order by sent_at),
      array_agg(case when outcome = 3 then 0 else interval_millis end order by sent_at)) as covered_millis,
    pmd.histogram(array_agg(detail order by sent_at) filter (where outcome = 0 and detail > 0)) as reply_ttls,
    pmd.last_of(array_agg(detail order by sent_at) filter (where outcome = 0 and detail > 0)) as reply_ttl_last,
    pmd.sketch(array_agg(rtt_micros order by sent_at) filter (where outcome = 0)) as sketch
  from pmd.probe_results
  group by target_id, vantage, public.time_bucket(interval '1 minute', sent_at)
  with no data;

create materialized view pmd.hour_rollups
  with (timescaledb.continuous, timescaledb.materialized_only = false, timescaledb.create_group_indexes = false)
  as
  select target_id, vantage,
    public.time_bucket(interval '1 hour', start_at) as start_at,
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
  from pmd.minute_rollups
  group by target_id, vantage, public.time_bucket(interval '1 hour', start_at)
  with no data;

create index minute_rollups_of_target on pmd.minute_rollups (target_id, vantage, start_at);
create index hour_rollups_of_target on pmd.hour_rollups (target_id, vantage, start_at);

-- Rollups whose results are not here (any more): seeded and moved history, and results that came after retention.
-- They count beside the rollups above.
create table pmd.added_minute_rollups (
  target_id integer not null,
  vantage smallint not null,
  start_at timestamptz not null,
  sent bigint not null,
  lost bigint not null,
  not_sent bigint not null,
  rtt_sum_micros bigint,
  rtt_sum_squares double precision,
  rtt_min_micros integer,
  rtt_max_micros integer,
  rtt_first_micros integer,
  rtt_last_micros integer,
  ipdv_sum_micros bigint not null,
  jitter_micros double precision not null,
  covered_millis bigint not null,
  reply_ttls bigint[] not null,
  reply_ttl_last integer,
  sketch bigint[] not null,
  primary key (target_id, vantage, start_at)
);

create table pmd.added_hour_rollups (like pmd.added_minute_rollups including all);

select public.create_hypertable('pmd.added_minute_rollups', 'start_at',
  chunk_time_interval => interval '7 days', create_default_indexes => false);
select public.create_hypertable('pmd.added_hour_rollups', 'start_at',
  chunk_time_interval => interval '90 days', create_default_indexes => false);

select public.set_chunk_time_interval(mat.hypertable::regclass, mat.step)
from (
  select format('%I.%I', materialization_hypertable_schema, materialization_hypertable_name) as hypertable,
    case view_name when 'minute_rollups' then interval '1 day' else interval '90 days' end as step
  from timescaledb_information.continuous_aggregates
  where view_schema = 'pmd'
) as mat;

alter materialized view pmd.minute_rollups set (timescaledb.compress = true);
alter materialized view pmd.hour_rollups set (timescaledb.compress = true);
alter table pmd.added_minute_rollups set (
  timescaledb.compress, timescaledb.compress_segmentby = 'target_id, vantage', timescaledb.compress_orderby = 'start_at'
);
alter table pmd.added_hour_rollups set (
  timescaledb.compress, timescaledb.compress_segmentby = 'target_id, vantage', timescaledb.compress_orderby = 'start_at'
);
