-- What no two targets share was the address; a port or a name makes another target of it (targetKey in core/target.ts).
alter table targets rename column ip to unique_key;
alter table targets add column ip text not null default '';
update targets set ip = unique_key;
-- Null for ICMP.
alter table targets add column tcp_port integer check (tcp_port between 1 and 65535);
-- A name that is resolved to the address, and to which family: null for any.
alter table targets add column hostname text;
alter table targets add column family integer check (family in (4, 6));
