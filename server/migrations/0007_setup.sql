-- The setup code of an installation that has no organisation yet: only its hash, used once.

create table setup_codes (
  hash bytea primary key,
  created_at timestamptz not null default now(),
  used_at timestamptz
);
alter table setup_codes enable row level security;
alter table setup_codes force row level security;
grant select, insert (hash), update (used_at) on setup_codes to parley_lookup;
create policy setup on setup_codes to parley_lookup using (true) with check (true);

-- Whether anybody lives here yet.
create function parley_has_organisations() returns table (found boolean)
language sql stable security definer set search_path = public, pg_temp as $$
  select exists (select from organisations)
$$;
select parley_let_look_up('parley_has_organisations()', 'organisations', 'organisation_id');

create function parley_keep_setup_code(fresh bytea) returns table (kept boolean)
language sql volatile security definer set search_path = public, pg_temp as $$
  with kept as (insert into setup_codes (hash) values (fresh) on conflict do nothing returning 1)
  select exists (select from kept)
$$;
select parley_let_look_up('parley_keep_setup_code(bytea)', 'setup_codes', 'hash, used_at');

-- True for exactly one caller.
create function parley_use_setup_code(given bytea) returns table (used boolean)
language sql volatile security definer set search_path = public, pg_temp as $$
  with used as (update setup_codes set used_at = now() where hash = given and used_at is null returning 1)
  select exists (select from used)
$$;
select parley_let_look_up('parley_use_setup_code(bytea)', 'setup_codes', 'hash, used_at');
