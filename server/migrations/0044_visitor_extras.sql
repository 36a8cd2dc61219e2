-- What goes with visitors of a website: tokens that count once, and previews of the links that they are shown.
--
-- Nonces carry no foreign key, for the reasons of 0004: they are gone within minutes or an hour.

-- What was shown once and must not count again: ids of the tokens customers sign, solved challenges. Blind indexes, because
-- a customer may write anything into an id.
create table visitor_nonces (
  organisation_id uuid not null,
  app_id uuid not null,
  channel_id uuid not null,
  nonce bytea not null check (length(nonce) = 16),
  expires_at timestamptz not null,
  primary key (organisation_id, app_id, channel_id, nonce)
);
create index visitor_nonces_by_age on visitor_nonces (organisation_id, app_id, expires_at);
select parley_protect('visitor_nonces', 'app', 'select, insert, delete');

-- Title, description and picture of the page a message links to: an envelope.
create table link_previews (
  organisation_id uuid not null,
  app_id uuid not null,
  message_id uuid not null,
  content bytea not null,
  created_at timestamptz not null default now(),
  primary key (organisation_id, app_id, message_id),
  foreign key (organisation_id, app_id, message_id) references messages on delete cascade
);
select parley_protect('link_previews', 'app', 'select, insert, delete');
