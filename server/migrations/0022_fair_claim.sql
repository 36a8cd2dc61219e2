-- Claims waiting events app by app instead of in order of arrival over all apps, so that nobody waits behind another app's
-- backlog. Order matters within a member only, and a member's events are of one app.

create index inbound_events_by_app on inbound_events (organisation_id, app_id, sequence);
drop index inbound_events_in_order;
drop function parley_claim_inbound(integer, integer);

-- The next events of the apps that have any, beginning behind the app named, going round, at most 64 apps; each gets an equal
-- part of `most`, and its events come in order. Finds the apps by stepping from one to the next in the index, which costs as
-- much as there are apps, however long a queue is. Takes each lane's lock until the transaction ends, so the caller holds
-- those members alone; it must read the events again afterwards, for another may have finished them meanwhile.
create function parley_claim_inbound(lock_class integer, most integer, after_organisation uuid, after_app uuid)
returns table (organisation_id uuid, app_id uuid, event_id uuid)
language sql volatile security definer set search_path = public, pg_temp as $$
  with recursive behind as (
    (select e.organisation_id, e.app_id, 1 as place from inbound_events e
      where (e.organisation_id, e.app_id) > (after_organisation, after_app)
      order by e.organisation_id, e.app_id limit 1)
    union all
    select n.organisation_id, n.app_id, b.place + 1 from behind b cross join lateral (
      select e.organisation_id, e.app_id from inbound_events e
      where (e.organisation_id, e.app_id) > (b.organisation_id, b.app_id)
      order by e.organisation_id, e.app_id limit 1) n
    where b.place < 64
  ), before as (
    (select e.organisation_id, e.app_id, 1 + (select count(*) from behind)::integer as place from inbound_events e
      where (e.organisation_id, e.app_id) <= (after_organisation, after_app) and (select count(*) from behind) < 64
      order by e.organisation_id, e.app_id limit 1)
    union all
    select n.organisation_id, n.app_id, b.place + 1 from before b cross join lateral (
      select e.organisation_id, e.app_id from inbound_events e
      where (e.organisation_id, e.app_id) > (b.organisation_id, b.app_id)
        and (e.organisation_id, e.app_id) <= (after_organisation, after_app)
      order by e.organisation_id, e.app_id limit 1) n
    where b.place < 64
  ), apps as materialized (
    select * from behind union all select * from before
  ), next as materialized (
    select a.place, w.* from apps a cross join lateral (
      select e.organisation_id, e.app_id, e.event_id, e.lane, e.sequence from inbound_events e
      where e.organisation_id = a.organisation_id and e.app_id = a.app_id and e.due_at <= now()
      order by e.sequence limit (select greatest(1, most / count(*)) from apps)) w
  ), held as materialized (
    select n.lane from next n group by n.lane having pg_try_advisory_xact_lock(lock_class, n.lane)
  )
  select n.organisation_id, n.app_id, n.event_id from next n join held using (lane) order by n.place, n.sequence
$$;
select parley_let_look_up('parley_claim_inbound(integer, integer, uuid, uuid)', 'inbound_events',
  'organisation_id, app_id, event_id, lane, sequence, due_at');
