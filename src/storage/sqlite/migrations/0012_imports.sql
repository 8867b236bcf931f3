-- An import of history is a job: what came, what became of it, and what it is undone by.
create table imports (
  id integer primary key autoincrement,
  target_id integer not null references targets (id) on delete cascade,
  file_name text,
  username text not null,
  started_at_millis integer not null,
  ended_at_millis integer, -- null while it runs
  state text not null check (state in ('running', 'done', 'failed', 'undoing', 'undone')),
  failure text,
  from_millis integer, -- of the rows that could be read
  to_millis integer,
  row_count integer not null default 0,
  stored integer not null default 0,
  rolled_up integer not null default 0, -- of the stored ones: kept in rollups alone
  duplicates integer not null default 0,
  refused text not null default '{}', -- JSON: rows by reason
  faults text not null default '[]', -- JSON: the first of them
  undone_at_millis integer,
  undone_by text,
  removed integer not null default 0,
  kept integer not null default 0 -- those that could not be removed
) strict;

create index imports_of_target on imports (target_id, id);

-- The results that an import has stored, of one hour each: it is undone by them, for as long as they are kept.
create table import_hours (
  id integer primary key,
  import_id integer not null references imports (id) on delete cascade,
  target_id integer not null,
  hour_at_millis integer not null,
  is_raw integer not null check (is_raw in (0, 1)), -- 0: went into the rollups alone
  result_count integer not null,
  payload blob not null,
  unique (import_id, hour_at_millis, is_raw)
) strict;

create index import_hours_of_target on import_hours (target_id, hour_at_millis);

alter table unsealed_batches add column import_id integer;
create index unsealed_imports on unsealed_batches (import_id, from_millis) where import_id is not null;

alter table outages add column is_imported integer not null default 0 check (is_imported in (0, 1));
