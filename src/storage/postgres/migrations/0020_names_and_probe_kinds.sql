-- A kind of probe has a name of its own, and a port if it takes one.
alter table pmd.targets rename column tcp_port to probe_port;
alter table pmd.targets add column probe_kind text not null default 'icmp';
update pmd.targets set probe_kind = 'tcp' where probe_port is not null;
-- What people call the target.
alter table pmd.targets add column name text;
