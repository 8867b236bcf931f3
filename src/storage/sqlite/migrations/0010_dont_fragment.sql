-- Whether a probe that does not fit through the path is dropped instead of being fragmented.
alter table targets add column dont_fragment integer not null default 0 check (dont_fragment in (0, 1));
