-- Whether a probe that does not fit through the path is dropped instead of being fragmented.
alter table pmd.targets add column dont_fragment boolean not null default false;
