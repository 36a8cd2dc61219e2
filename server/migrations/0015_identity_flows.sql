-- What signing in needs beside the rows of people.

-- A device that signed in before has a budget of its own, so that a stranger who guesses cannot lock its person out.
alter table known_devices
  add column password_failures integer not null default 0,
  add column password_locked_until timestamptz,
  add column factor_failures integer not null default 0,
  add column factor_locked_until timestamptz;

-- An authenticator app that was offered and has yet to show a code. It replaces the former one only then, so that nobody
-- who stops half-way is left without.
create table totp_enrolments (
  user_id uuid primary key references users,
  secret bytea not null,
  created_at timestamptz not null default now()
);
select parley_protect('totp_enrolments', 'user', 'select, insert, update, delete');

-- How many secrets of one purpose a person was given lately: so that nobody can fill a mailbox with letters.
create function parley_count_secrets(what text, person uuid, seconds integer) returns table (made bigint)
language sql stable security definer set search_path = public, pg_temp as $$
  select count(*) from one_time_secrets s where s.about_user_id = person and s.purpose = what
    and s.created_at > now() - make_interval(secs => seconds)
$$;
select parley_let_look_up('parley_count_secrets(text, uuid, integer)', 'one_time_secrets', 'created_at');

-- Everybody, a page at a time: for operators at the command line, who look each of them up in turn.
create function parley_list_users(after uuid, most integer) returns table (user_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select u.user_id from users u where after is null or u.user_id > after order by u.user_id limit most
$$;
select parley_let_look_up('parley_list_users(uuid, integer)', 'users', 'user_id');

-- Sessions that were over long ago.
create function parley_purge_sessions(days integer, most integer) returns table (purged bigint)
language sql volatile security definer set search_path = public, pg_temp as $$
  with gone as (delete from sessions s where (s.user_id, s.session_id) in (
    select o.user_id, o.session_id from sessions o
    where least(coalesce(o.ended_at, o.ends_at), o.ends_at) < now() - make_interval(days => days) limit most) returning 1)
  select count(*) from gone
$$;
grant delete on sessions to parley_lookup;
create policy purge on sessions for delete to parley_lookup using (true);
select parley_let_look_up('parley_purge_sessions(integer, integer)', 'sessions', 'user_id, session_id, hash, ended_at, ends_at');
