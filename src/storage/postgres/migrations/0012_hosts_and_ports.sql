-- What no two targets share was the address; a port or a name makes another target of it (targetKey in core/target.ts).
alter table pmd.targets rename column ip to unique_key;
alter table pmd.targets add column ip text;
update pmd.targets set ip = unique_key;
alter table pmd.targets alter column ip set not null;
-- Null for ICMP.
alter table pmd.targets add column tcp_port integer check (tcp_port between 1 and 65535);
-- A name that is resolved to the address, and to which family: null for any.
alter table pmd.targets add column hostname text;
alter table pmd.targets add column family smallint check (family in (4, 6));
