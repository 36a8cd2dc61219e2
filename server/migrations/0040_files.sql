-- Files: what visitors and users send, what bots show, and copies of what messages show from elsewhere.
--
-- The bytes stand in chunks of 256 KiB, each an envelope bound to its file and number, so that a chunk that is swapped,
-- moved or left out is found out. What a file is (name, type, measures) is one envelope beside it.

create table files (
  organisation_id uuid not null,
  app_id uuid not null,
  file_id uuid not null,
  -- Sent by a visitor or in a conversation; a copy of what a message shows; or the app's own.
  purpose text not null check (purpose in ('upload', 'remote', 'app')),
  state text not null check (state in ('ready', 'refused')),
  kind text not null check (kind in ('image', 'audio', 'video', 'file')),
  -- What it takes up, for the quota. The envelope says it again, and that one counts.
  bytes integer not null check (bytes >= 0),
  -- Name, type, bytes, width and height.
  description bytea,
  channel_id uuid,
  visitor_id uuid,
  -- Blind index of the member it belongs to.
  member_key bytea,
  -- Blind index of what a copy is a copy for.
  remote_key bytea check (length(remote_key) = 16),
  -- The code of the error for which a copy could not be made.
  refused_because text check (length(refused_because) between 1 and 100),
  created_at timestamptz not null default now(),
  -- When it goes unless it is used: uploads that no message holds, copies nobody looks at. Null: it stays.
  expires_at timestamptz,
  primary key (organisation_id, app_id, file_id),
  unique (organisation_id, app_id, remote_key),
  foreign key (organisation_id, app_id) references apps,
  foreign key (organisation_id, app_id, channel_id) references channels,
  check ((state = 'ready') = (description is not null)),
  check ((state = 'refused') = (refused_because is not null)),
  check (remote_key is null or purpose = 'remote')
);
create index files_by_expiry on files (organisation_id, app_id, expires_at) where expires_at is not null;
select parley_protect('files', 'app', 'select, insert, update, delete');

create table file_chunks (
  organisation_id uuid not null,
  app_id uuid not null,
  file_id uuid not null,
  number integer not null check (number >= 0),
  content bytea not null,
  primary key (organisation_id, app_id, file_id, number),
  foreign key (organisation_id, app_id, file_id) references files
);
-- Ciphertext does not compress: trying costs time and gains nothing.
alter table file_chunks alter column content set storage external;
select parley_protect('file_chunks', 'app', 'select, insert, delete');

-- What is taken up: by an app (holder: the app) all in all, by a visitor (holder: the visitor) on one day.
create table file_usage (
  organisation_id uuid not null,
  app_id uuid not null,
  holder_id uuid not null,
  day date not null default (now() at time zone 'utc')::date,
  bytes bigint not null check (bytes >= 0),
  files integer not null check (files >= 0),
  primary key (organisation_id, app_id, holder_id),
  foreign key (organisation_id, app_id) references apps
) with (fillfactor = 70);
select parley_protect('file_usage', 'app', 'select, insert, update, delete');
