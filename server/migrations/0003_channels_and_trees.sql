-- Channels, and the trees (bots) they run. Credentials are ciphertext; a published version never changes.

create table trees (
  organisation_id uuid not null,
  app_id uuid not null,
  tree_id uuid not null,
  name text not null check (length(name) between 1 and 200),
  draft jsonb not null,
  -- Optimistic concurrency: the ETag of the draft.
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (organisation_id, app_id, tree_id),
  foreign key (organisation_id, app_id) references apps
);
select parley_protect('trees', 'app', 'select, insert, update');

create table tree_versions (
  organisation_id uuid not null,
  app_id uuid not null,
  version_id uuid not null,
  tree_id uuid not null,
  number integer not null,
  definition jsonb not null,
  note text not null default '',
  published_by text not null,
  published_at timestamptz not null default now(),
  primary key (organisation_id, app_id, version_id),
  unique (organisation_id, app_id, tree_id, number),
  foreign key (organisation_id, app_id, tree_id) references trees
);
select parley_protect('tree_versions', 'app', 'select, insert');

create table channels (
  organisation_id uuid not null,
  app_id uuid not null,
  channel_id uuid not null,
  kind text not null check (length(kind) between 1 and 40),
  name text not null check (length(name) between 1 and 200),
  enabled boolean not null default false,
  settings jsonb not null default '{}',
  credentials bytea not null,
  -- The secret both directions of webhooks are signed with.
  channel_secret bytea not null,
  default_trees uuid[] not null default '{}',
  live_tree uuid,
  off_tree uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (organisation_id, app_id, channel_id),
  foreign key (organisation_id, app_id) references apps
);
select parley_protect('channels', 'app', 'select, insert, update');

-- A platform knows a channel's id only: who it belongs to. Ids, nothing else.
create function parley_find_channel(wanted uuid)
returns table (organisation_id uuid, app_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select c.organisation_id, c.app_id from channels c where c.channel_id = wanted
$$;
select parley_let_look_up('parley_find_channel(uuid)', 'channels', 'organisation_id, app_id, channel_id');
create index channels_by_id on channels (channel_id);
