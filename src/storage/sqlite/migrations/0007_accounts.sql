alter table users add column role text not null default 'admin' check (role in ('viewer', 'operator', 'admin'));
alter table users add column created_at_millis integer not null default 0;
update users set created_at_millis = password_changed_at_millis;

create table api_tokens (
  id integer primary key autoincrement, -- autoincrement: an id is never given twice
  username text not null references users (username) on delete cascade,
  name text not null,
  role text not null check (role in ('viewer', 'operator', 'admin')),
  token_hash text not null unique,
  created_at_millis integer not null,
  expires_at_millis integer,
  last_used_at_millis integer
) strict;

create table audit_entries (
  id integer primary key autoincrement,
  at_millis integer not null,
  username text not null,
  address text not null,
  action text not null,
  path text not null,
  status integer not null,
  detail text
) strict;

create index audit_entries_by_age on audit_entries (at_millis);
