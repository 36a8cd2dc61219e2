-- The short way of an event: processed in the transaction that takes it in, when nobody else works on its member and nothing
-- of the member waits. Everything else waits in inbound_events as before.

create index inbound_events_by_lane on inbound_events (organisation_id, app_id, lane);

-- Takes the locks of those lanes that nobody holds, until the transaction ends, and says which.
create function parley_try_lanes(lock_class integer, lanes integer[]) returns table (lane integer)
language sql volatile set search_path = public, pg_temp as $$
  select l.lane from unnest(lanes) as l (lane) where pg_try_advisory_xact_lock(lock_class, l.lane)
$$;
revoke all on function parley_try_lanes from public;
grant execute on function parley_try_lanes to parley_runtime;
