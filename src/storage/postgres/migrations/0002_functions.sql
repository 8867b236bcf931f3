-- A refresh of a continuous aggregate runs with a locked search_path: every call in these bodies is qualified.

-- The bucket of core/sketch.ts: exponent and first 7 bits of the mantissa of the float64 of a round trip.
create function pmd.rtt_bucket(rtt_micros integer) returns integer
  language sql immutable parallel safe
  as $$
    select greatest(0, ((pg_catalog.get_byte(pg_catalog.float8send(rtt_micros), 0) << 11)
      | (pg_catalog.get_byte(pg_catalog.float8send(rtt_micros), 1) << 3)
      | (pg_catalog.get_byte(pg_catalog.float8send(rtt_micros), 2) >> 5)) - 130943)
  $$;

-- A histogram is a sorted array; each element holds a value in its upper and a count in its lower 32 bits.
create function pmd.sketch(rtts_micros integer[]) returns bigint[]
  language sql immutable parallel safe
  as $$
    select coalesce(pg_catalog.array_agg((bucket::bigint << 32) + n order by bucket), '{}')
    from (
      select bucket, pg_catalog.count(*) as n
      from (select pmd.rtt_bucket(rtt) as bucket from pg_catalog.unnest(rtts_micros) as rtt) as buckets
      group by bucket
    ) as counts
  $$;

create function pmd.histogram(input integer[]) returns bigint[]
  language sql immutable parallel safe
  as $$
    select coalesce(pg_catalog.array_agg((each::bigint << 32) + n order by each), '{}')
    from (select each, pg_catalog.count(*) as n from pg_catalog.unnest(input) as each group by each) as counts
  $$;

create function pmd.merge_histograms(concatenated bigint[]) returns bigint[]
  language sql immutable parallel safe
  as $$
    select coalesce(pg_catalog.array_agg((each << 32) + n order by each), '{}')
    from (
      select entry >> 32 as each, pg_catalog.sum(entry & 4294967295)::bigint as n
      from pg_catalog.unnest(concatenated) as entry
      group by 1
    ) as counts
  $$;

create aggregate pmd.concatenate(bigint[]) (sfunc = pg_catalog.array_cat, stype = bigint[], parallel = safe);

-- The filter of RFC 3550 over neighbouring round trips, from 0; an old difference weighs less than a double can hold.
create function pmd.jitter_micros(rtts_micros integer[]) returns double precision
  language sql immutable parallel safe
  as $$
    select coalesce(pg_catalog.sum(pg_catalog.abs(next::bigint - rtt)::double precision / 16
      * pg_catalog.power(0.9375::double precision, least(pg_catalog.cardinality(rtts_micros) - 1 - at, 5000))), 0)
    from unnest(rtts_micros, rtts_micros[2:]) with ordinality as pairs (rtt, next, at)
    where next is not null
  $$;

create function pmd.ipdv_sum_micros(rtts_micros integer[]) returns bigint
  language sql immutable parallel safe
  as $$
    select coalesce(pg_catalog.sum(pg_catalog.abs(next::bigint - rtt)), 0)::bigint
    from unnest(rtts_micros, rtts_micros[2:]) as pairs (rtt, next)
    where next is not null
  $$;

-- Each result speaks for its interval (0 for what was not sent), at most until the next result of the bucket.
create function pmd.covered_millis(sent_ats timestamptz[], intervals_millis integer[]) returns bigint
  language sql immutable parallel safe
  as $$
    select pg_catalog.sum(least(interval_millis,
      coalesce(pg_catalog.date_part('epoch', next_at - sent_at) * 1000, interval_millis)))::bigint
    from unnest(sent_ats, sent_ats[2:], intervals_millis) as results (sent_at, next_at, interval_millis)
    where sent_at is not null
  $$;

create function pmd.last_of(input integer[]) returns integer
  language sql immutable parallel safe
  as $$ select input[pg_catalog.cardinality(input)] $$;

-- Rollups with replies, in time order: how many replies, the first and last round trip, the filter from 0.
create function pmd.join_jitter(
  replies bigint[], firsts_micros integer[], lasts_micros integer[], jitters_micros double precision[]
) returns double precision
  language sql immutable parallel safe
  as $$
    select coalesce(pg_catalog.sum(
      -- After a part come its followers' replies, each of which weakens what was before by 15/16.
      jitter * pg_catalog.power(0.9375::double precision, least(replies_after, 5000))
      + coalesce(pg_catalog.abs(first::bigint - last_before)::double precision / 16
        * pg_catalog.power(0.9375::double precision, least(replies_after + reply_count - 1, 5000)), 0)
    ), 0)
    from (
      select first, jitter, reply_count,
        pg_catalog.lag(last) over (order by at) as last_before,
        pg_catalog.sum(reply_count) over (order by at desc) - reply_count as replies_after
      from unnest(replies, firsts_micros, lasts_micros, jitters_micros)
        with ordinality as parts (reply_count, first, last, jitter, at)
    ) as parts
  $$;

create function pmd.join_ipdv(firsts_micros integer[], lasts_micros integer[]) returns bigint
  language sql immutable parallel safe
  as $$
    select coalesce(pg_catalog.sum(pg_catalog.abs(next_first::bigint - last)), 0)::bigint
    from unnest(lasts_micros, firsts_micros[2:]) as joints (last, next_first)
    where next_first is not null
  $$;

-- For SQL users: the percentile of a sketch, in microseconds; the middle of its bucket (error at most 0.4 %).
create function pmd.percentile_micros(sketch bigint[], ratio double precision) returns double precision
  language sql immutable parallel safe
  as $$
    select case
      when bucket = 0 then 0
      when bucket <= 897 then (128 + (bucket - 1) % 128) * pg_catalog.power(2::double precision, (bucket - 1) / 128 - 7)
      else (128 + (bucket - 1) % 128) * pg_catalog.power(2::double precision, (bucket - 1) / 128 - 7)
        + (pg_catalog.power(2::double precision, (bucket - 1) / 128 - 7) - 1) / 2
    end
    from (
      select entry >> 32 as bucket, pg_catalog.sum(entry & 4294967295) over (order by entry) as up_to,
        pg_catalog.sum(entry & 4294967295) over () as total
      from pg_catalog.unnest(sketch) as entry
    ) as entries
    where up_to > pg_catalog.floor(ratio * (total - 1))
    order by bucket
    limit 1
  $$;
