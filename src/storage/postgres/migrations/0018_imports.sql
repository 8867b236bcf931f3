-- An import of history is a job: what came, what became of it, and what it is undone by.
create table pmd.imports (
  id bigint primary key generated always as identity,
  target_id integer not null references pmd.targets (id) on delete cascade,
  file_name text,
  username text not null,
  started_at timestamptz not null,
  ended_at timestamptz, -- null while it runs
  state text not null check (state in ('running', 'done', 'failed', 'undoing', 'undone')),
  failure text,
  from_at timestamptz, -- of the rows that could be read
  to_at timestamptz,
  row_count bigint not null default 0,
  stored bigint not null default 0,
  rolled_up bigint not null default 0, -- of the stored ones: kept in rollups alone
  duplicates bigint not null default 0,
  refused json not null default '{}', -- rows by reason
  faults json not null default '[]', -- the first of them
  undone_at timestamptz,
  undone_by text,
  removed bigint not null default 0,
  kept bigint not null default 0 -- those that could not be removed
);

create index imports_of_target on pmd.imports (target_id, id);

-- The results that an import has stored, of one hour each: it is undone by them, for as long as they are kept.
create table pmd.import_hours (
  import_id bigint not null references pmd.imports (id) on delete cascade,
  target_id integer not null,
  hour_at timestamptz not null,
  is_raw boolean not null, -- false: went into the rollups alone
  result_count integer not null,
  payload bytea not null,
  primary key (import_id, hour_at, is_raw)
);

create index import_hours_of_target on pmd.import_hours (target_id, hour_at);

alter table pmd.outages add column is_imported boolean not null default false;
