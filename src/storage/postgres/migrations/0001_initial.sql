create table pmd.targets (
  id integer primary key generated always as identity, -- an id is never given twice, not even after a purge
  ip text not null unique,
  interval_millis integer not null check (interval_millis > 0),
  is_active boolean not null,
  created_at timestamptz not null,
  url text,
  notes text,
  is_synthetic boolean not null,
  deleted_at timestamptz
);

create table pmd.events (
  id bigint primary key generated always as identity,
  target_id integer not null references pmd.targets (id) on delete cascade,
  type text not null,
  message text not null,
  created_at timestamptz not null
);

create index events_of_target on pmd.events (target_id, id);
create index outage_events_of_target on pmd.events (target_id, id) where type in ('down', 'recovery');

create table pmd.users (
  id integer primary key generated always as identity,
  username text not null unique,
  password_hash text not null,
  is_seeded boolean not null,
  password_changed_at timestamptz not null
);

-- The last commit of each writer: a retried commit is recognised and left out.
create table pmd.commit_sources (
  source text primary key,
  last_sequence bigint not null
);

-- Below these times retention has deleted: windows that reach below are answered from coarser data.
create table pmd.retention_floors (
  resolution text primary key check (resolution in ('raw', '1m', '1h')),
  floor_at timestamptz not null
);

insert into pmd.retention_floors values ('raw', 'epoch'), ('1m', 'epoch'), ('1h', 'epoch');

-- Hours that got results after they may have been rolled up: read from the results until they are rolled up again.
create table pmd.dirty_hours (
  target_id integer not null,
  vantage smallint not null,
  hour_at timestamptz not null,
  marked_in bigint not null, -- a roll-up covers the marks that were set before it began
  primary key (target_id, vantage, hour_at)
);

-- Everything before is rolled up, dirty hours aside.
create table pmd.rollup_watermarks (
  resolution text primary key check (resolution in ('1m', '1h')),
  rolled_up_until timestamptz not null
);

insert into pmd.rollup_watermarks values ('1m', 'epoch'), ('1h', 'epoch');
