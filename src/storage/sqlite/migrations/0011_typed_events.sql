-- Typed data instead of sentences; message holds a sentence only where it says more. The data of old events is filled in
-- by typed-events.ts in the same transaction.
alter table events add column data text not null default '{}';

create table outages (
  target_id integer not null references targets (id) on delete cascade,
  vantage integer not null,
  from_millis integer not null,
  to_millis integer, -- null while it goes on
  lost_probes integer,
  ended_by text check (ended_by in ('recovery', 'pause', 'delete')),
  primary key (target_id, vantage, from_millis)
) strict, without rowid;

create index outages_by_end on outages (to_millis);

-- What outlives the process of each target's state: since when, and what it was before it could not be sent to.
create table target_states (
  target_id integer not null references targets (id) on delete cascade,
  vantage integer not null,
  state text not null,
  since_millis integer not null,
  phase text not null check (phase in ('unknown', 'up', 'down')),
  phase_since_millis integer,
  errno integer,
  primary key (target_id, vantage)
) strict, without rowid;
