-- First statistics for further tables that grow, for the reason of 0009: kept plans read every row of an app to find one
-- (seen: 160 deliveries for each that was recorded). And a rule of webhooks as a domain, for the reason of 0030.
-- Formerly accb3535f27938af8e342a1a29ab85757c59c42e2ce1969129df01794a8a84cf, which did not look at a table before rows referred to it,
-- and so took 1.3 s: each row's reference was looked for among all 3 000.

do $$
declare
  org constant uuid := '00000000-0000-7000-8000-000000000001';
  app constant uuid := '00000000-0000-7000-8000-000000000002';
  other constant uuid := '00000000-0000-7000-8000-000000000003';
begin
  perform set_config('parley.organisation_id', org::text, true), set_config('parley.app_id', app::text, true);
  insert into organisations (organisation_id, name) values (org, 'statistics');
  insert into apps (organisation_id, app_id, name) values (org, app, 'statistics');
  create temporary table sample on commit drop as
    select n, gen_random_uuid() as id, decode(md5(n::text), 'hex') as key from generate_series(1, 3000) as n;
  insert into webhook_deliveries (organisation_id, app_id, delivery_id, endpoint_id, event, body, correlation_id, state)
    select org, app, id, other, 'inbound', key, '', case when n % 100 = 0 then 'pending' else 'delivered' end from sample;
  analyze webhook_deliveries;
  insert into webhook_attempts (organisation_id, app_id, delivery_id, attempt_id, at, duration_ms)
    select org, app, id, id, now(), 1 from sample;
  insert into idempotency_keys (organisation_id, app_id, key_hash, fingerprint, created_at)
    select org, app, key, key, now() - make_interval(secs => n) from sample;
  insert into files (organisation_id, app_id, file_id, purpose, state, kind, bytes, description, remote_key)
    select org, app, id, 'remote', 'ready', 'file', 1, key, case when n % 2 = 0 then key end from sample;
  analyze files;
  insert into file_chunks (organisation_id, app_id, file_id, number, content) select org, app, id, 0, key from sample;
end $$;

analyze webhook_deliveries, webhook_attempts, idempotency_keys, files, file_chunks;
truncate webhook_deliveries, webhook_attempts, idempotency_keys, file_chunks, files;
delete from apps;
delete from organisations;

create domain webhook_event as text check (value in ('inbound', 'outbound', 'status'));
alter table webhook_deliveries drop constraint webhook_deliveries_event_check;
alter table webhook_deliveries alter column event type webhook_event;
