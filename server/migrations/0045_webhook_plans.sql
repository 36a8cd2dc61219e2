-- First statistics for the tables of webhooks, for the reason of 0009: the kept plan of the statement that records attempts
-- read every delivery of the app to find one (seen: 160 rows a delivery). And their rules as domains, for the reason of 0030.

do $$
declare
  org constant uuid := '00000000-0000-7000-8000-000000000001';
  app constant uuid := '00000000-0000-7000-8000-000000000002';
  endpoint constant uuid := '00000000-0000-7000-8000-000000000003';
begin
  perform set_config('parley.organisation_id', org::text, true), set_config('parley.app_id', app::text, true);
  create temporary table sample on commit drop as
    select n, gen_random_uuid() as id, decode(md5(n::text), 'hex') as key from generate_series(1, 3000) as n;
  insert into webhook_deliveries (organisation_id, app_id, delivery_id, endpoint_id, event, body, correlation_id, state)
    select org, app, id, endpoint, 'inbound', key, '', case when n % 100 = 0 then 'pending' else 'delivered' end from sample;
  insert into webhook_attempts (organisation_id, app_id, delivery_id, attempt_id, at, duration_ms)
    select org, app, id, id, now(), 1 from sample;
end $$;

analyze webhook_deliveries, webhook_attempts;
truncate webhook_deliveries, webhook_attempts;

create domain webhook_event as text check (value in ('inbound', 'outbound', 'status'));
alter table webhook_deliveries drop constraint webhook_deliveries_event_check;
alter table webhook_deliveries alter column event type webhook_event;
