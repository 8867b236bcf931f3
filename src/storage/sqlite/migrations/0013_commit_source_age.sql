-- Each start of the server writes as a new source: those of long ago go.
alter table commit_sources add column used_at_millis integer not null default 0;
update commit_sources set used_at_millis = cast(unixepoch('subsec') * 1000 as integer);
