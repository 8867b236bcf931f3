create table targets (
  id integer primary key autoincrement, -- autoincrement: an id is never given twice, not even after a purge
  ip text not null unique,
  interval_millis integer not null check (interval_millis > 0),
  is_active integer not null check (is_active in (0, 1)),
  created_at_millis integer not null,
  url text,
  notes text,
  is_synthetic integer not null check (is_synthetic in (0, 1)),
  deleted_at_millis integer
) strict;

create table events (
  id integer primary key autoincrement,
  target_id integer not null references targets (id) on delete cascade,
  type text not null,
  message text not null,
  created_at_millis integer not null
) strict;

create index events_of_target on events (target_id, id);
create index outage_events_of_target on events (target_id, id) where type in ('down', 'recovery');

create table users (
  id integer primary key,
  username text not null unique,
  password_hash text not null,
  is_seeded integer not null check (is_seeded in (0, 1)),
  password_changed_at_millis integer not null
) strict;

-- The last commit of each writer: a retried commit is recognised and left out.
create table commit_sources (
  source text primary key,
  last_sequence integer not null
) strict, without rowid;

-- Results as they were committed, of all targets together, until maintenance has folded them into raw_blocks.
create table unsealed_batches (
  id integer primary key autoincrement,
  vantage integer not null,
  from_millis integer not null,
  to_millis integer not null,
  result_count integer not null,
  payload blob not null
) strict;

-- All raw results of one target and UTC hour.
create table raw_blocks (
  id integer primary key,
  target_id integer not null,
  vantage integer not null,
  hour_at_millis integer not null,
  result_count integer not null,
  payload blob not null,
  unique (target_id, vantage, hour_at_millis)
) strict;

create index raw_blocks_by_age on raw_blocks (hour_at_millis);

-- Minute rollups: a piece for each hour, merged into one block for each UTC day once the day is over.
create table minute_rollup_blocks (
  id integer primary key,
  target_id integer not null,
  vantage integer not null,
  from_millis integer not null,
  to_millis integer not null,
  is_piece integer not null check (is_piece in (0, 1)),
  payload blob not null,
  unique (target_id, vantage, from_millis)
) strict;

create index minute_rollup_blocks_by_age on minute_rollup_blocks (to_millis);
create index minute_rollup_pieces on minute_rollup_blocks (from_millis) where is_piece = 1;

-- Hour rollups: a piece for each hour, merged daily into one block for each UTC month.
create table hour_rollup_blocks (
  id integer primary key,
  target_id integer not null,
  vantage integer not null,
  from_millis integer not null,
  to_millis integer not null,
  is_piece integer not null check (is_piece in (0, 1)),
  payload blob not null,
  unique (target_id, vantage, from_millis)
) strict;

create index hour_rollup_blocks_by_age on hour_rollup_blocks (to_millis);
create index hour_rollup_pieces on hour_rollup_blocks (from_millis) where is_piece = 1;

-- Below these times retention has deleted: windows that reach below are answered from coarser data.
create table retention_floors (
  resolution text primary key check (resolution in ('raw', '1m', '1h')),
  floor_at_millis integer not null
) strict, without rowid;

insert into retention_floors values ('raw', 0), ('1m', 0), ('1h', 0);
