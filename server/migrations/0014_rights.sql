-- Rights: who belongs to an organisation, with which role where; custom roles; invitations; an organisation's policy.
-- A column that names an app without placing the row in it is called in_app_id.

alter table organisations
  add column factor_policy text not null default 'optional'
    check (factor_policy in ('optional', 'required', 'phishing_resistant')),
  -- Until then whoever lacks a factor the policy asks for may still work.
  add column factor_grace_until timestamptz,
  add column session_idle_minutes integer not null default 60 check (session_idle_minutes between 1 and 1440),
  add column session_hours integer not null default 24 check (session_hours between 1 and 720),
  add column admin_idle_minutes integer not null default 15 check (admin_idle_minutes between 1 and 1440),
  add column admin_session_hours integer not null default 12 check (admin_session_hours between 1 and 720),
  add column token_days_max integer not null default 365 check (token_days_max between 1 and 365),
  add column suspended_at timestamptz,
  add column delete_after timestamptz;

alter table apps
  add column suspended_at timestamptz,
  add column delete_after timestamptz;

-- A user inside one organisation. E-mail address and name are copies, so that no look-up leaves the tenant.
create table organisation_users (
  organisation_id uuid not null references organisations,
  user_id uuid not null,
  email bytea not null,
  name bytea not null,
  status text not null default 'active' check (status in ('active', 'disabled', 'removed')),
  joined_at timestamptz not null default now(),
  primary key (organisation_id, user_id)
);
create index organisation_users_by_user on organisation_users (user_id);
select parley_protect('organisation_users', 'organisation', 'select, insert, update');

create function parley_list_memberships(person uuid) returns table (organisation_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select m.organisation_id from organisation_users m where m.user_id = person and m.status = 'active'
  order by m.organisation_id
$$;
select parley_let_look_up('parley_list_memberships(uuid)', 'organisation_users', 'organisation_id, user_id, status');

-- The organisation of an app, for somebody who belongs to it; nobody else learns that the app exists.
create function parley_find_app_organisation(app uuid, person uuid) returns table (organisation_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select a.organisation_id from apps a join organisation_users m on m.organisation_id = a.organisation_id
  where a.app_id = app and m.user_id = person and m.status = 'active'
$$;
select parley_let_look_up('parley_find_app_organisation(uuid, uuid)', 'apps', 'organisation_id, app_id');

create table roles (
  organisation_id uuid not null references organisations,
  role_id uuid not null,
  name text not null check (length(name) between 1 and 80),
  permissions text[] not null,
  created_at timestamptz not null default now(),
  primary key (organisation_id, role_id),
  unique (organisation_id, name)
);
select parley_protect('roles', 'organisation', 'select, insert, update, delete');

create table grants (
  organisation_id uuid not null,
  grant_id uuid not null,
  user_id uuid not null,
  -- Null: in the whole organisation.
  in_app_id uuid,
  built_in_role text check (built_in_role in
    ('owner', 'admin', 'channel_manager', 'builder', 'support', 'auditor', 'inbox_agent')),
  role_id uuid,
  -- Null: every channel.
  channel_ids uuid[],
  created_at timestamptz not null default now(),
  primary key (organisation_id, grant_id),
  unique nulls not distinct (organisation_id, user_id, in_app_id),
  foreign key (organisation_id, user_id) references organisation_users,
  foreign key (organisation_id, in_app_id) references apps (organisation_id, app_id),
  foreign key (organisation_id, role_id) references roles,
  check ((built_in_role is null) <> (role_id is null)),
  -- An owner owns everything.
  check (built_in_role is distinct from 'owner' or (in_app_id is null and channel_ids is null))
);
select parley_protect('grants', 'organisation', 'select, insert, update, delete');

create table invitations (
  organisation_id uuid not null references organisations,
  invitation_id uuid not null,
  email_index bytea not null,
  email bytea not null,
  -- [{ role, roleId?, appId?, channelIds? }]
  grants jsonb not null,
  invited_by uuid not null,
  created_at timestamptz not null default now(),
  sent_at timestamptz not null default now(),
  expires_at timestamptz not null,
  accepted_at timestamptz,
  accepted_by uuid,
  revoked_at timestamptz,
  primary key (organisation_id, invitation_id)
);
create index invitations_by_address on invitations (organisation_id, email_index);
select parley_protect('invitations', 'organisation', 'select, insert, update');

-- Tokens made by a person can do what that person may do today, and no more.
alter table tokens
  add column made_by_user_id uuid,
  add column channel_ids uuid[],
  add column networks text[],
  add column last_used_network text,
  add column replaced_by uuid,
  add column warned_at timestamptz;

-- One log per organisation: entries of its apps and of the organisation itself.
alter table audit_entries drop constraint audit_entries_organisation_id_app_id_fkey;
alter table audit_entries drop constraint audit_entries_pkey;
alter table audit_entries rename column app_id to in_app_id;
alter table audit_entries alter column in_app_id drop not null;
alter table audit_entries add primary key (organisation_id, entry_id);
alter table audit_entries add foreign key (organisation_id, in_app_id) references apps (organisation_id, app_id);
drop policy tenant on audit_entries;
select parley_protect('audit_entries', 'organisation', 'select, insert');
create index audit_entries_in_order on audit_entries (organisation_id, at);
