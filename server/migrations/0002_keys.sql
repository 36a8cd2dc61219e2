-- Wrapped keys: organisation keys under the key provider's key, data keys under the organisation's. Only ciphertext here.

create table organisation_keys (
  organisation_id uuid not null references organisations,
  key_id uuid not null,
  provider_key text not null,
  wrapped bytea not null,
  created_at timestamptz not null default now(),
  primary key (organisation_id, key_id)
);
select parley_protect('organisation_keys', 'organisation', 'select, insert');

create table data_keys (
  organisation_id uuid not null,
  app_id uuid not null,
  key_id uuid not null,
  purpose text not null check (purpose in ('content', 'credentials', 'index')),
  version integer not null,
  organisation_key_id uuid not null,
  wrapped bytea not null,
  -- Reserved in blocks before use, so the count never lags behind (SP 800-38D 8.3; a key ends at 2^24 uses or 16 GiB).
  uses bigint not null default 0,
  bytes bigint not null default 0,
  created_at timestamptz not null default now(),
  retired_at timestamptz,
  primary key (organisation_id, app_id, key_id),
  unique (organisation_id, app_id, purpose, version),
  foreign key (organisation_id, app_id) references apps,
  foreign key (organisation_id, organisation_key_id) references organisation_keys (organisation_id, key_id)
);
select parley_protect('data_keys', 'app', 'select, insert, update');

-- Who had a key unwrapped, and why.
create table key_accesses (
  organisation_id uuid not null references organisations,
  app_id uuid not null,
  access_id uuid not null,
  key_id uuid not null,
  actor text not null,
  reason text not null,
  at timestamptz not null default now(),
  primary key (organisation_id, app_id, access_id),
  foreign key (organisation_id, app_id) references apps
);
select parley_protect('key_accesses', 'app', 'select, insert');

-- Which provider keys the database needs: names of keys, of all tenants.
create function parley_list_provider_keys() returns table (provider_key text)
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct k.provider_key from organisation_keys k
$$;
select parley_let_look_up('parley_list_provider_keys()', 'organisation_keys', 'provider_key');
