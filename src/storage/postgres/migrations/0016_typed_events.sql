-- Typed data instead of sentences; message holds a sentence only where it says more. The data of old events is filled in
-- by typed-events.ts in the same transaction.
alter table pmd.events add column data json not null default '{}';

create table pmd.outages (
  target_id integer not null references pmd.targets (id) on delete cascade,
  vantage smallint not null,
  from_at timestamptz not null,
  to_at timestamptz, -- null while it goes on
  lost_probes bigint,
  ended_by text check (ended_by in ('recovery', 'pause', 'delete')),
  primary key (target_id, vantage, from_at)
);

create index outages_by_end on pmd.outages (to_at);

-- What outlives the process of each target's state: since when, and what it was before it could not be sent to.
create table pmd.target_states (
  target_id integer not null references pmd.targets (id) on delete cascade,
  vantage smallint not null,
  state text not null,
  since timestamptz not null,
  phase text not null check (phase in ('unknown', 'up', 'down')),
  phase_since timestamptz,
  errno integer,
  primary key (target_id, vantage)
);
