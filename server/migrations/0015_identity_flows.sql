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
