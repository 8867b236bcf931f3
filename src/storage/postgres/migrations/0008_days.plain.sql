-- Days beside the hours: years are read in days. They are read up to where they are rolled up, never beyond.
create table pmd.stored_day_rollups (like pmd.stored_hour_rollups including all) partition by range (start_at);

-- Made from the added hours, in the same commit as they.
create table pmd.added_day_rollups (like pmd.stored_hour_rollups including all);

-- The days of a stretch from its hours.
create function pmd.roll_up_days(from_at timestamptz, to_at timestamptz) returns setof pmd.stored_day_rollups
  language sql stable
  as $$
    select target_id, vantage,
      date_bin(interval '1 day', start_at, timestamptz 'epoch') as start_at,
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
    where start_at >= from_at and start_at < to_at
    group by target_id, vantage, date_bin(interval '1 day', start_at, timestamptz 'epoch')
  $$;

create view pmd.day_rollups as select * from pmd.stored_day_rollups;
