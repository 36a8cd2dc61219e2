-- People: who signs in, with what, and which sessions they hold. A person belongs to no tenant: these rows are under a
-- scope of their own, the transaction's user (parley.user_id). E-mail address, name, device and network are ciphertext
-- under the installation's key; an address is found by a keyed index; of every secret there is only a hash.

create or replace function parley_protect(target regclass, scope text, rights text) returns void
language plpgsql as $$
declare
  organisation constant text := '(select nullif(current_setting(''parley.organisation_id'', true), '''')::uuid)';
  app constant text := '(select nullif(current_setting(''parley.app_id'', true), '''')::uuid)';
  person constant text := '(select nullif(current_setting(''parley.user_id'', true), '''')::uuid)';
  rule text;
begin
  rule := case scope
    when 'app' then format('organisation_id = %s and app_id = %s', organisation, app)
    when 'organisation' then format('organisation_id = %s', organisation)
    -- The app's own row: from within the app only that row, from the organisation all of them.
    when 'app_row' then format('organisation_id = %s and (%s is null or app_id = %s)', organisation, app, app)
    when 'user' then format('user_id = %s', person)
  end;
  if rule is null then
    raise exception 'unknown scope %', scope;
  end if;
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format('create policy tenant on %s using (%s) with check (%s)', target, rule, rule);
  execute format('revoke all on table %s from public', target);
  execute format('grant %s on table %s to parley_runtime', rights, target);
end $$;
revoke all on function parley_protect from public;

-- The installation's own keys, wrapped under the key provider's: they protect what belongs to people, not to a tenant.
create table installation_keys (
  key_id uuid primary key,
  purpose text not null check (purpose in ('content', 'index')),
  provider_key text not null,
  wrapped bytea not null,
  uses bigint not null default 0,
  created_at timestamptz not null default now()
);
alter table installation_keys enable row level security;
alter table installation_keys force row level security;
grant select, insert, update (uses) on installation_keys to parley_lookup;
create policy keys on installation_keys to parley_lookup using (true) with check (true);

create function parley_list_installation_keys()
returns table (key_id uuid, purpose text, provider_key text, wrapped bytea)
language sql stable security definer set search_path = public, pg_temp as $$
  select k.key_id, k.purpose, k.provider_key, k.wrapped from installation_keys k order by k.key_id
$$;
select parley_let_look_up('parley_list_installation_keys()', 'installation_keys', 'key_id, purpose, provider_key, wrapped, uses');

-- Keeps a pair of keys if there is none yet: of several processes that start at once, one wins.
create function parley_keep_installation_keys(content_id uuid, content bytea, index_id uuid, index_key bytea, provider text)
returns table (kept boolean)
language plpgsql volatile security definer set search_path = public, pg_temp as $$
begin
  perform pg_advisory_xact_lock(4071124);
  if exists (select from installation_keys) then
    return query select false;
    return;
  end if;
  insert into installation_keys (key_id, purpose, provider_key, wrapped)
  values (content_id, 'content', provider, content), (index_id, 'index', provider, index_key);
  return query select true;
end $$;
select parley_let_look_up('parley_keep_installation_keys(uuid, bytea, uuid, bytea, text)', 'installation_keys', 'key_id');

-- Counts a block of encryptions before they happen.
create function parley_reserve_installation_uses(wanted uuid, block bigint) returns table (uses bigint)
language sql volatile security definer set search_path = public, pg_temp as $$
  update installation_keys k set uses = k.uses + block where k.key_id = wanted returning k.uses
$$;
select parley_let_look_up('parley_reserve_installation_uses(uuid, bigint)', 'installation_keys', 'key_id, uses');

create or replace function parley_list_provider_keys() returns table (provider_key text)
language sql stable security definer set search_path = public, pg_temp as $$
  select k.provider_key from organisation_keys k union select i.provider_key from installation_keys i
$$;

create table users (
  user_id uuid primary key,
  email_index bytea not null unique check (length(email_index) = 16),
  email bytea not null,
  name bytea not null,
  -- Argon2id, then HMAC with the pepper; null for somebody who signs in by passkey or has yet to choose one.
  password text,
  password_set_at timestamptz,
  -- Consecutive failures of the password, over all networks (SP 800-63B-4 3.2.2).
  password_failures integer not null default 0,
  password_locked_until timestamptz,
  factor_failures integer not null default 0,
  factor_locked_until timestamptz,
  status text not null default 'active' check (status in ('active', 'disabled')),
  created_at timestamptz not null default now(),
  last_sign_in_at timestamptz
);
select parley_protect('users', 'user', 'select, insert, update');

create function parley_find_user(wanted bytea) returns table (user_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select u.user_id from users u where u.email_index = wanted
$$;
select parley_let_look_up('parley_find_user(bytea)', 'users', 'user_id, email_index');

create table passkeys (
  user_id uuid not null references users,
  passkey_id uuid not null,
  credential_id bytea not null check (length(credential_id) between 16 and 1023),
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  aaguid text not null,
  is_backup_eligible boolean not null,
  is_backed_up boolean not null,
  name bytea not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  primary key (user_id, passkey_id),
  unique (user_id, credential_id)
);
select parley_protect('passkeys', 'user', 'select, insert, update, delete');

create table totp_factors (
  user_id uuid primary key references users,
  secret bytea not null,
  -- The last step that was accepted: an accepted code never works again (RFC 6238 5.2).
  last_step bigint not null default 0,
  created_at timestamptz not null default now(),
  confirmed_at timestamptz,
  last_used_at timestamptz
);
select parley_protect('totp_factors', 'user', 'select, insert, update, delete');

create table recovery_codes (
  user_id uuid not null references users,
  hash bytea not null,
  created_at timestamptz not null default now(),
  used_at timestamptz,
  primary key (user_id, hash)
);
select parley_protect('recovery_codes', 'user', 'select, insert, update, delete');

create table sessions (
  user_id uuid not null references users,
  session_id uuid not null,
  hash bytea not null unique check (length(hash) = 32),
  created_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  idle_seconds integer not null check (idle_seconds between 60 and 86400),
  ends_at timestamptz not null,
  -- How the person proved who they are: password, totp, passkey, recovery_code, setup, invitation.
  methods text[] not null,
  stepped_up_at timestamptz,
  device bytea not null,
  network bytea not null,
  ended_at timestamptz,
  end_reason text,
  primary key (user_id, session_id)
);
select parley_protect('sessions', 'user', 'select, insert, update');

create function parley_find_session(wanted bytea) returns table (user_id uuid, session_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select s.user_id, s.session_id from sessions s where s.hash = wanted
$$;
select parley_let_look_up('parley_find_session(bytea)', 'sessions', 'user_id, session_id, hash');

create table known_devices (
  user_id uuid not null references users,
  hash bytea not null check (length(hash) = 32),
  created_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  primary key (user_id, hash)
);
select parley_protect('known_devices', 'user', 'select, insert, update, delete');

-- Every secret that works once: set-up codes, reset links, invitations, sign-in tickets, WebAuthn challenges. Only its
-- hash is kept. `payload` is ciphertext under the installation's key.
create table one_time_secrets (
  hash bytea primary key check (length(hash) = 32),
  purpose text not null check (purpose in
    ('setup', 'reset', 'invitation', 'sign_in', 'challenge', 'email', 'transfer', 'undo')),
  about_user_id uuid,
  about_organisation_id uuid,
  payload bytea,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  -- Wrong answers given while holding it, where it may be tried more than once.
  failures integer not null default 0
);
create index one_time_secrets_by_user on one_time_secrets (about_user_id, purpose) where about_user_id is not null;
create index one_time_secrets_by_age on one_time_secrets (expires_at);
alter table one_time_secrets enable row level security;
alter table one_time_secrets force row level security;
grant select, insert, update (used_at, failures), delete on one_time_secrets to parley_lookup;
create policy secrets on one_time_secrets to parley_lookup using (true) with check (true);

create function parley_keep_secret(given bytea, what text, person uuid, organisation uuid, content bytea, seconds integer)
returns table (kept boolean)
language sql volatile security definer set search_path = public, pg_temp as $$
  with kept as (
    insert into one_time_secrets (hash, purpose, about_user_id, about_organisation_id, payload, expires_at)
    values (given, what, person, organisation, content, now() + make_interval(secs => seconds)) returning 1)
  select exists (select from kept)
$$;
select parley_let_look_up('parley_keep_secret(bytea, text, uuid, uuid, bytea, integer)', 'one_time_secrets', 'hash');

-- A row for exactly one caller, however many ask at once.
create function parley_use_secret(given bytea, what text)
returns table (user_id uuid, organisation_id uuid, payload bytea)
language sql volatile security definer set search_path = public, pg_temp as $$
  update one_time_secrets s set used_at = now()
  where s.hash = given and s.purpose = what and s.used_at is null and s.expires_at > now()
  returning s.about_user_id, s.about_organisation_id, s.payload
$$;
select parley_let_look_up('parley_use_secret(bytea, text)', 'one_time_secrets',
  'hash, purpose, about_user_id, about_organisation_id, payload, expires_at, used_at, failures');

-- Looks without using up: to show whose invitation it is.
create function parley_read_secret(given bytea, what text)
returns table (user_id uuid, organisation_id uuid, payload bytea)
language sql stable security definer set search_path = public, pg_temp as $$
  select s.about_user_id, s.about_organisation_id, s.payload from one_time_secrets s
  where s.hash = given and s.purpose = what and s.used_at is null and s.expires_at > now()
$$;
select parley_let_look_up('parley_read_secret(bytea, text)', 'one_time_secrets', 'hash');

-- Spends one of a limited number of tries, before the answer is looked at: parallel guesses are counted one by one.
create function parley_try_secret(given bytea, what text, most integer)
returns table (user_id uuid, organisation_id uuid, payload bytea)
language sql volatile security definer set search_path = public, pg_temp as $$
  update one_time_secrets s set failures = s.failures + 1
  where s.hash = given and s.purpose = what and s.used_at is null and s.expires_at > now() and s.failures < most
  returning s.about_user_id, s.about_organisation_id, s.payload
$$;
select parley_let_look_up('parley_try_secret(bytea, text, integer)', 'one_time_secrets', 'hash');

-- Ends every unused secret of one purpose and person: an earlier reset link dies with the next.
create function parley_void_secrets(what text, person uuid) returns table (voided bigint)
language sql volatile security definer set search_path = public, pg_temp as $$
  with voided as (update one_time_secrets s set used_at = now()
    where s.purpose = what and s.about_user_id = person and s.used_at is null returning 1)
  select count(*) from voided
$$;
select parley_let_look_up('parley_void_secrets(text, uuid)', 'one_time_secrets', 'hash');

create function parley_purge_secrets(days integer, most integer) returns table (purged bigint)
language sql volatile security definer set search_path = public, pg_temp as $$
  with gone as (delete from one_time_secrets s where s.hash in (
    select o.hash from one_time_secrets o where o.expires_at < now() - make_interval(days => days) limit most) returning 1)
  select count(*) from gone
$$;
select parley_let_look_up('parley_purge_secrets(integer, integer)', 'one_time_secrets', 'hash');

-- The set-up code is one of these secrets.
drop function parley_keep_setup_code(bytea);
drop function parley_use_setup_code(bytea);
drop table setup_codes;

-- Letters on their way out: ciphertext, because some carry a link that works once.
create table letters (
  letter_id uuid primary key,
  content bytea not null,
  created_at timestamptz not null default now(),
  due_at timestamptz not null default now(),
  tries integer not null default 0,
  sent_at timestamptz
);
create index letters_due on letters (due_at) where sent_at is null;
alter table letters enable row level security;
alter table letters force row level security;
grant select, insert, update (due_at, tries, sent_at, content), delete on letters to parley_lookup;
create policy letters on letters to parley_lookup using (true) with check (true);

create function parley_keep_letter(letter uuid, body bytea) returns table (kept boolean)
language sql volatile security definer set search_path = public, pg_temp as $$
  with kept as (insert into letters (letter_id, content) values (letter, body) returning 1) select exists (select from kept)
$$;
select parley_let_look_up('parley_keep_letter(uuid, bytea)', 'letters', 'letter_id');

-- Takes letters that are due and makes them due again later, should the sender die.
create function parley_take_letters(most integer, again_seconds integer)
returns table (letter_id uuid, content bytea, tries integer)
language sql volatile security definer set search_path = public, pg_temp as $$
  update letters l set due_at = now() + make_interval(secs => again_seconds * (1 << least(l.tries, 8))), tries = l.tries + 1
  where l.letter_id in (select o.letter_id from letters o where o.sent_at is null and o.due_at <= now()
    order by o.due_at limit most for update skip locked)
  returning l.letter_id, l.content, l.tries
$$;
select parley_let_look_up('parley_take_letters(integer, integer)', 'letters', 'letter_id, content, due_at, tries, sent_at');

create function parley_finish_letter(letter uuid) returns table (finished boolean)
language sql volatile security definer set search_path = public, pg_temp as $$
  with gone as (delete from letters l where l.letter_id = letter returning 1) select exists (select from gone)
$$;
select parley_let_look_up('parley_finish_letter(uuid)', 'letters', 'letter_id');
