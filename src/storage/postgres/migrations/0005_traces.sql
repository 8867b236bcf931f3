create table pmd.traces (
  id bigint primary key generated always as identity,
  target_id integer not null references pmd.targets (id) on delete cascade,
  started_at timestamptz not null,
  finished_at timestamptz not null,
  is_destination_reached boolean not null,
  hops text not null -- JSON, see trace-row.ts
);

create index traces_of_target on pmd.traces (target_id, id);
create index traces_by_age on pmd.traces (started_at);
