-- A kind of probe has a name of its own, and a port if it takes one.
alter table targets rename column tcp_port to probe_port;
alter table targets add column probe_kind text not null default 'icmp';
update targets set probe_kind = 'tcp' where probe_port is not null;
-- What people call the target.
alter table targets add column name text;
-- Who has seen it; null where an event is about the target as a whole.
alter table events add column vantage integer;
update events set vantage = 0 where type in ('down', 'recovery', 'not-sent', 'sent', 'gap', 'path-change');
-- From where the path leads.
alter table traces add column vantage integer not null default 0;
