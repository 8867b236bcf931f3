alter table pmd.targets add column tags text[] not null default '{}';
