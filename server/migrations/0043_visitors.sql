-- Visitors of websites: a browser's session with one channel. A row is made with the first message; opening a chat stores
-- nothing. Tokens are not stored: a row says which generation of them is good.

create table visitors (
  organisation_id uuid not null,
  app_id uuid not null,
  visitor_id uuid not null,
  channel_id uuid not null,
  -- The origin of the page.
  site text not null,
  -- Who the visitor is to the bot, and its blind index, as in `members`.
  external_id bytea not null,
  external_key bytea not null,
  is_verified boolean not null,
  -- What the website said of them, sealed.
  identity bytea,
  generation integer not null default 0,
  rotation_key bytea,
  is_taken boolean not null default true,
  created_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  ended_at timestamptz,
  end_reason text check (end_reason in ('token_reused', 'ended', 'identified', 'idle')),
  primary key (organisation_id, app_id, visitor_id),
  foreign key (organisation_id, app_id, channel_id) references channels
);
create index visitors_by_age on visitors (organisation_id, app_id, seen_at);
create index visitors_by_channel on visitors (organisation_id, app_id, channel_id);
create index visitors_by_id on visitors (visitor_id);
select parley_protect('visitors', 'app', 'select, insert, update, delete');

-- Which of many sessions have ended: asked twice a second for the streams that are open, in one call for all of them.
create function parley_list_ended_visitors(wanted uuid[]) returns table (visitor_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select v.visitor_id from visitors v where v.visitor_id = any(wanted) and v.ended_at is not null
$$;
select parley_let_look_up('parley_list_ended_visitors(uuid[])', 'visitors', 'visitor_id, ended_at');
