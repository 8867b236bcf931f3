alter table pmd.users
  add column role text not null default 'admin' check (role in ('viewer', 'operator', 'admin')),
  add column created_at timestamptz;
update pmd.users set created_at = password_changed_at;
alter table pmd.users alter column created_at set not null;

create table pmd.api_tokens (
  id bigint primary key generated always as identity,
  username text not null references pmd.users (username) on delete cascade,
  name text not null,
  role text not null check (role in ('viewer', 'operator', 'admin')),
  token_hash text not null unique,
  created_at timestamptz not null,
  expires_at timestamptz,
  last_used_at timestamptz
);

create table pmd.audit_entries (
  id bigint primary key generated always as identity,
  at timestamptz not null,
  username text not null,
  address text not null,
  action text not null,
  path text not null,
  status integer not null,
  detail text
);

create index audit_entries_by_age on pmd.audit_entries (at);
