-- First statistics for the tables of the hot path. Statements are planned once and kept; planned while a table is empty and
-- was never looked at, PostgreSQL takes every index that begins with the tenant for equally good and may read all rows of
-- an app to find one (seen: 520 rows a look-up at 1 400 members). Rows of the usual shape are put in, looked at and taken
-- out again; what was learnt stays until autovacuum has seen real rows.
-- Formerly a7deae66852ba240827bca76917b4fe6c9dddd86c42c246d13ad9cb797453d68, which did not look at a table before rows referred to it,
-- and so took 3 s: each row's reference was looked for among all 3 000.

do $$
declare
  org constant uuid := '00000000-0000-7000-8000-000000000001';
  app constant uuid := '00000000-0000-7000-8000-000000000002';
  chn constant uuid := '00000000-0000-7000-8000-000000000003';
begin
  perform set_config('parley.organisation_id', org::text, true), set_config('parley.app_id', app::text, true);
  insert into organisations (organisation_id, name) values (org, 'statistics');
  insert into apps (organisation_id, app_id, name) values (org, app, 'statistics');
  insert into channels (organisation_id, app_id, channel_id, kind, name, credentials, channel_secret)
    values (org, app, chn, 'custom', 'statistics', '', '');
  create temporary table sample on commit drop as
    select n, gen_random_uuid() as id, decode(md5(n::text), 'hex') as key from generate_series(1, 3000) as n;
  insert into members (organisation_id, app_id, member_id, channel_id, external_key, external_id, profile)
    select org, app, id, chn, key, key, key from sample;
  analyze members;
  insert into conversations (organisation_id, app_id, conversation_id, member_id, channel_id, mode, state)
    select org, app, id, id, chn, 'bot', key from sample;
  analyze conversations;
  insert into messages (organisation_id, app_id, message_id, conversation_id, direction, source, content)
    select org, app, id, id, 'inbound', 'member', key from sample;
  analyze messages;
  insert into receipts (organisation_id, app_id, message_id, platform_key, status) select org, app, id, key, 'sent' from sample;
  insert into replay_keys (organisation_id, app_id, channel_id, replay_key) select org, app, chn, key from sample;
  insert into inbound_events (organisation_id, app_id, event_id, channel_id, kind, lane, external_key, payload, correlation_id)
    select org, app, id, chn, 'message', n, key, key, '' from sample;
  insert into outbox (organisation_id, app_id, message_id, channel_id, conversation_id, lane, correlation_id)
    select org, app, id, chn, id, n, '' from sample;
  insert into traces (organisation_id, app_id, trace_id, channel_id, outcome, content)
    select org, app, id, chn, 'silent', key from sample;
end $$;

analyze organisations, apps, channels, members, conversations, messages, receipts, replay_keys, inbound_events, outbox, traces;

truncate members, conversations, messages, receipts, replay_keys, inbound_events, outbox, traces;
delete from channels;
delete from apps;
delete from organisations;
