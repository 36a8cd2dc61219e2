-- Webhook endpoints, and what they are told. Addresses, headers, secrets, bodies and answers are ciphertext.
--
-- A delivery is queue and log in one: `webhook_deliveries_due` holds only what is pending, so finished deliveries, kept for
-- the log, cost the claiming scan nothing. Deliveries and attempts carry no foreign keys, for the reasons of 0004.

create table webhook_endpoints (
  organisation_id uuid not null,
  app_id uuid not null,
  endpoint_id uuid not null,
  channel_id uuid not null,
  url bytea not null,
  events text[] not null check (cardinality(events) > 0 and events <@ array['inbound', 'outbound', 'status']),
  headers bytea not null,
  secret bytea not null,
  -- Signs besides `secret` until `previous_until`, so that a receiver can change over.
  previous_secret bytea,
  previous_until timestamptz,
  -- Ed25519: the seed, and the key receivers verify with. Null unless the endpoint asked for it.
  signing_key bytea,
  public_key text,
  enabled boolean not null default true,
  disabled_reason text,
  -- The first failure after the last success.
  failing_since timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (organisation_id, app_id, endpoint_id),
  foreign key (organisation_id, app_id, channel_id) references channels
);
select parley_protect('webhook_endpoints', 'app', 'select, insert, update, delete');

create table webhook_deliveries (
  organisation_id uuid not null,
  app_id uuid not null,
  -- UUIDv7: the order of the ids is the order of time.
  delivery_id uuid not null,
  endpoint_id uuid not null,
  event text not null check (event in ('inbound', 'outbound', 'status')),
  body bytea not null,
  correlation_id text not null,
  state text not null default 'pending' check (state in ('pending', 'delivered', 'failed')),
  attempts integer not null default 0,
  due_at timestamptz not null default now(),
  -- The process that is delivering it. Free when nobody, when the lease ran out or when the owner is gone.
  lease_owner integer,
  lease_until timestamptz,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  primary key (organisation_id, app_id, delivery_id)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
create index webhook_deliveries_due on webhook_deliveries (due_at) where state = 'pending';
create index webhook_deliveries_failed on webhook_deliveries (organisation_id, app_id, endpoint_id, delivery_id)
  where state = 'failed';
create index webhook_deliveries_by_age on webhook_deliveries using brin (created_at);
select parley_protect('webhook_deliveries', 'app', 'select, insert, update, delete');

create table webhook_attempts (
  organisation_id uuid not null,
  app_id uuid not null,
  delivery_id uuid not null,
  attempt_id uuid not null,
  at timestamptz not null,
  duration_ms integer not null,
  -- What the endpoint answered, or why it did not.
  status_code integer,
  error_code text,
  response bytea,
  primary key (organisation_id, app_id, delivery_id, attempt_id)
);
select parley_protect('webhook_attempts', 'app', 'select, insert, delete');

-- Leases deliveries that are due and free: leased by nobody, by a lease that ran out, or by a process that is gone (every
-- process holds the advisory lock (owner_class, owner) as long as it lives). Each delivery stands alone.
create function parley_claim_deliveries(owner_class integer, owner integer, lease_seconds integer, most integer)
returns table (organisation_id uuid, app_id uuid, delivery_id uuid)
language sql volatile security definer set search_path = public, pg_temp as $$
  with alive as materialized (
    select l.objid::bigint::integer as owner from pg_locks l
    where l.locktype = 'advisory' and l.classid = owner_class::oid and l.objsubid = 2 and l.granted
  ), taken as materialized (
    select d.organisation_id, d.app_id, d.delivery_id from webhook_deliveries d
    where d.state = 'pending' and d.due_at <= now()
      and (d.lease_owner is null or d.lease_until < now() or d.lease_owner not in (select a.owner from alive a))
    order by d.due_at limit most for update of d skip locked
  )
  update webhook_deliveries d set lease_owner = owner, lease_until = now() + make_interval(secs => lease_seconds)
  from taken t where d.organisation_id = t.organisation_id and d.app_id = t.app_id and d.delivery_id = t.delivery_id
  returning d.organisation_id, d.app_id, d.delivery_id
$$;
select parley_let_look_up('parley_claim_deliveries(integer, integer, integer, integer)', 'webhook_deliveries',
  'organisation_id, app_id, delivery_id, state, due_at, lease_owner, lease_until, created_at');
grant update (lease_owner, lease_until) on webhook_deliveries to parley_lookup;
create policy lease on webhook_deliveries for update to parley_lookup using (true);

-- The apps that have deliveries from before `cutoff`: whose log retention must look at.
create function parley_find_old_deliveries(cutoff timestamptz, most integer)
returns table (organisation_id uuid, app_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct d.organisation_id, d.app_id from webhook_deliveries d where d.created_at < cutoff limit most
$$;
select parley_let_look_up('parley_find_old_deliveries(timestamptz, integer)', 'webhook_deliveries',
  'organisation_id, app_id, created_at');
