-- Taking the lanes of arrivals and asking what is there already, for all apps of a batch at once: asked app by app, by the
-- statements that take events in and store what came of them, it was 70 us of PostgreSQL a message.

-- Takes the locks of those lanes that nobody holds, until the transaction ends. Then, in a statement of its own, which sees
-- what the last holder left, says of each lane, in order: whether the lock is held, whether events of it wait, whether
-- messages of it are with another process than `owner`, or with none; and which configuration its app has.
create function parley_take_lanes(lock_class integer, owner integer, organisations uuid[], apps uuid[], lanes integer[])
returns table (is_held boolean, has_events boolean, is_behind boolean, configuration_revision bigint)
language plpgsql volatile security definer set search_path = public, pg_temp as $$
declare
  held boolean[] := array(select pg_try_advisory_xact_lock(lock_class, l.lane) from unnest(lanes) as l (lane));
begin
  return query
    select x.is_held,
      -- Not `exists`, which a kept plan may answer by reading all lanes once for every batch.
      coalesce((select true from inbound_events e
        where e.organisation_id = x.organisation_id and e.app_id = x.app_id and e.lane = x.lane limit 1), false),
      coalesce((select true from outbox o
        where o.organisation_id = x.organisation_id and o.app_id = x.app_id and o.lane = x.lane
          and (o.lease_owner is distinct from owner or o.lease_until < now() + interval '1 minute') limit 1), false),
      (select a.configuration_revision from apps a
        where a.organisation_id = x.organisation_id and a.app_id = x.app_id)
    from unnest(organisations, apps, lanes, held) as x (organisation_id, app_id, lane, is_held);
end $$;
select parley_let_look_up('parley_take_lanes(integer, integer, uuid[], uuid[], integer[])', 'inbound_events', 'lane');
select parley_let_look_up('parley_take_lanes(integer, integer, uuid[], uuid[], integer[])', 'outbox', 'lane');
select parley_let_look_up('parley_take_lanes(integer, integer, uuid[], uuid[], integer[])', 'apps', 'configuration_revision');
drop function parley_try_lanes(integer, integer[]);
