-- A kind of probe has a name of its own, and a port if it takes one.
alter table pmd.targets rename column tcp_port to probe_port;
alter table pmd.targets add column probe_kind text not null default 'icmp';
update pmd.targets set probe_kind = 'tcp' where probe_port is not null;
-- What people call the target.
alter table pmd.targets add column name text;
-- Who has seen it; null where an event is about the target as a whole.
alter table pmd.events add column vantage smallint;
update pmd.events set vantage = 0 where type in ('down', 'recovery', 'not-sent', 'sent', 'gap', 'path-change');
-- From where the path leads.
alter table pmd.traces add column vantage smallint not null default 0;
