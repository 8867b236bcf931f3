-- What became of each probe. outcome: 0 reply, 1 timeout, 2 unreachable, 3 not sent.
-- detail: reply: its TTL, 0 unknown; unreachable: ICMP type * 256 + code; not sent: errno.
create table pmd.probe_results (
  target_id integer not null,
  interval_millis integer not null,
  sent_at timestamptz not null,
  rtt_micros integer,
  detail integer not null,
  vantage smallint not null,
  outcome smallint not null check (outcome between 0 and 3),
  primary key (target_id, vantage, sent_at)
);

select public.create_hypertable('pmd.probe_results', 'sent_at',
  chunk_time_interval => interval '1 hour', create_default_indexes => false);

alter table pmd.probe_results set (
  timescaledb.compress, timescaledb.compress_segmentby = 'target_id, vantage', timescaledb.compress_orderby = 'sent_at'
);
