alter table targets add column tags text not null default '[]' check (json_valid(tags)); -- JSON array of texts
