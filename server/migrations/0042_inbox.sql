-- Conversations as those see them who answer: who has one, and where something was said last.
--
-- `active_at` is when something was last said or done; while the bot has the conversation it is at most a minute late. Every
-- index of a row is written when an indexed column changes: exact to the message, each message would pay for all of them.

-- A domain, not a CHECK of the table, for the reasons of 0030.
create domain conversation_assignee as text check (value ~ '^(usr|tok)_[0-9a-f]{32}$');

alter table conversations
  add column assignee conversation_assignee,
  -- The name the member is shown: ciphertext.
  add column assignee_name bytea,
  add column assigned_at timestamptz,
  add column active_at timestamptz not null default now();
-- Written by the change of type, which row-level security does not hide rows from.
alter table conversations alter column active_at type timestamptz using updated_at;

create index conversations_by_activity on conversations
  (organisation_id, app_id, channel_id, active_at, conversation_id);
create index conversations_attended on conversations
  (organisation_id, app_id, mode, active_at, conversation_id) where mode <> 'bot';
create index conversations_by_assignee on conversations
  (organisation_id, app_id, assignee, active_at, conversation_id) where assignee is not null;
