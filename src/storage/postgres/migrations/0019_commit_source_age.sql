-- Each start of the server writes as a new source: those of long ago go.
alter table pmd.commit_sources add column used_at timestamptz not null default now();
