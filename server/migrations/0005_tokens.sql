-- Access tokens. The hash is keyed with a pepper that is not in the database; the first characters are for display.

create table tokens (
  organisation_id uuid not null,
  app_id uuid not null,
  token_id uuid not null,
  kind text not null check (kind in ('api', 'bot')),
  name text not null check (length(name) between 1 and 200),
  hash bytea not null,
  shown text not null,
  scopes text[] not null,
  made_by text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz,
  primary key (organisation_id, app_id, token_id),
  foreign key (organisation_id, app_id) references apps
);
create index tokens_by_hash on tokens (hash);
select parley_protect('tokens', 'app', 'select, insert, update');

-- A caller shows a token only: which app it belongs to.
create function parley_find_token(wanted bytea)
returns table (organisation_id uuid, app_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select t.organisation_id, t.app_id from tokens t where t.hash = wanted
$$;
select parley_let_look_up('parley_find_token(bytea)', 'tokens', 'organisation_id, app_id, hash');
