-- A kind of probe has a name of its own, and a port if it takes one.
alter table targets rename column tcp_port to probe_port;
alter table targets add column probe_kind text not null default 'icmp';
update targets set probe_kind = 'tcp' where probe_port is not null;
-- What people call the target.
alter table targets add column name text;
