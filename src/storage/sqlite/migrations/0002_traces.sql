create table traces (
  id integer primary key autoincrement,
  target_id integer not null references targets (id) on delete cascade,
  started_at_millis integer not null,
  finished_at_millis integer not null,
  is_destination_reached integer not null check (is_destination_reached in (0, 1)),
  hops text not null -- JSON, see trace-row.ts
) strict;

create index traces_of_target on traces (target_id, id);
create index traces_by_age on traces (started_at_millis);
