-- Who writes is who raised this last: each transaction that writes checks it, so that a former writer stores nothing.
create table pmd.writer (
  is_only boolean primary key default true check (is_only),
  epoch bigint not null
);
insert into pmd.writer (epoch) values (0);
