-- The same names and figures as the continuous aggregates of TimescaleDB, kept up to date by upkeep.
create table pmd.stored_minute_rollups (
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
) partition by range (start_at);

create table pmd.stored_hour_rollups (like pmd.stored_minute_rollups including all) partition by range (start_at);

-- Rollups whose results are not here (any more): seeded and moved history, and results that came after retention.
-- They count beside the rollups above.
create table pmd.added_minute_rollups (like pmd.stored_minute_rollups including all);

create table pmd.added_hour_rollups (like pmd.stored_minute_rollups including all);

-- The minutes of a stretch from its results.
create function pmd.roll_up_minutes(from_at timestamptz, to_at timestamptz) returns setof pmd.stored_minute_rollups
  language sql stable
  as $$
    select target_id, vantage,
      date_bin(interval '1 minute', sent_at, timestamptz 'epoch') as start_at,
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
    where sent_at >= from_at and sent_at < to_at
    group by target_id, vantage, date_bin(interval '1 minute', sent_at, timestamptz 'epoch')
  $$;

create view pmd.minute_rollups as
  select * from pmd.stored_minute_rollups
  where start_at < (select rolled_up_until from pmd.rollup_watermarks where resolution = '1m')
  union all
  select fresh.*
  from pmd.rollup_watermarks as mark, pmd.roll_up_minutes(mark.rolled_up_until, timestamptz 'infinity') as fresh
  where mark.resolution = '1m';

-- The hours of a stretch from its minutes.
create function pmd.roll_up_hours(from_at timestamptz, to_at timestamptz) returns setof pmd.stored_hour_rollups
  language sql stable
  as $$
    select target_id, vantage,
      date_bin(interval '1 hour', start_at, timestamptz 'epoch') as start_at,
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
    where start_at >= from_at and start_at < to_at
    group by target_id, vantage, date_bin(interval '1 hour', start_at, timestamptz 'epoch')
  $$;

create view pmd.hour_rollups as
  select * from pmd.stored_hour_rollups
  where start_at < (select rolled_up_until from pmd.rollup_watermarks where resolution = '1h')
  union all
  select fresh.*
  from pmd.rollup_watermarks as mark, pmd.roll_up_hours(mark.rolled_up_until, timestamptz 'infinity') as fresh
  where mark.resolution = '1h';
