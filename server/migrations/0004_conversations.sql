-- Members, conversations, messages, and the two queues of the pipeline.
--
-- Order: `lane` is a hash of the member; whoever works on a member holds the lane's advisory lock, and `sequence` is the
-- order of arrival. The queues and receipts carry no foreign keys: a check costs 8 to 10 us a row, their rows are made and
-- removed by the pipeline alone, and row-level security keeps them in their tenant.

create table members (
  organisation_id uuid not null,
  app_id uuid not null,
  member_id uuid not null,
  channel_id uuid not null,
  -- Blind index of the platform's id of the member.
  external_key bytea not null,
  external_id bytea not null,
  profile bytea not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (organisation_id, app_id, member_id),
  unique (organisation_id, app_id, channel_id, external_key),
  foreign key (organisation_id, app_id, channel_id) references channels
);
select parley_protect('members', 'app', 'select, insert, update');

create table conversations (
  organisation_id uuid not null,
  app_id uuid not null,
  conversation_id uuid not null,
  member_id uuid not null,
  channel_id uuid not null,
  mode text not null check (mode in ('bot', 'queued', 'live', 'off')),
  state bytea not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (organisation_id, app_id, conversation_id),
  unique (organisation_id, app_id, member_id),
  foreign key (organisation_id, app_id, member_id) references members
) with (fillfactor = 70);
select parley_protect('conversations', 'app', 'select, insert, update');

create table messages (
  organisation_id uuid not null,
  app_id uuid not null,
  message_id uuid not null,
  conversation_id uuid not null,
  direction text not null check (direction in ('inbound', 'outbound')),
  source text not null check (source in ('member', 'bot', 'manual', 'system')),
  content bytea not null,
  created_at timestamptz not null default now(),
  primary key (organisation_id, app_id, message_id),
  foreign key (organisation_id, app_id, conversation_id) references conversations
);
create index messages_by_conversation on messages (organisation_id, app_id, conversation_id, message_id);
select parley_protect('messages', 'app', 'select, insert');

-- What became of an outgoing message on the platform.
create table receipts (
  organisation_id uuid not null,
  app_id uuid not null,
  message_id uuid not null,
  -- Blind index of the platform's id of the message; null when it gave none.
  platform_key bytea,
  platform_id bytea,
  status text not null check (status in ('sent', 'delivered', 'read', 'failed', 'deleted')),
  error_code text,
  sent_at timestamptz,
  delivered_at timestamptz,
  read_at timestamptz,
  failed_at timestamptz,
  primary key (organisation_id, app_id, message_id)
) with (fillfactor = 80);
create index receipts_by_platform on receipts (organisation_id, app_id, platform_key) where platform_key is not null;
select parley_protect('receipts', 'app', 'select, insert, update');

-- What a platform has told us already; kept seven days.
create table replay_keys (
  organisation_id uuid not null,
  app_id uuid not null,
  channel_id uuid not null,
  replay_key bytea not null,
  received_at timestamptz not null default now(),
  primary key (organisation_id, app_id, channel_id, replay_key)
);
create index replay_keys_by_age on replay_keys using brin (received_at);
select parley_protect('replay_keys', 'app', 'select, insert, delete');

-- Inbound events that are stored but not processed yet.
create table inbound_events (
  organisation_id uuid not null,
  app_id uuid not null,
  event_id uuid not null,
  channel_id uuid not null,
  kind text not null check (kind in ('message', 'status', 'notice', 'redirect')),
  lane integer not null,
  sequence bigint generated always as identity,
  attempts integer not null default 0,
  due_at timestamptz not null default now(),
  external_key bytea not null,
  payload bytea not null,
  correlation_id text not null,
  received_at timestamptz not null default now(),
  primary key (organisation_id, app_id, event_id)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
create index inbound_events_in_order on inbound_events (sequence);
select parley_protect('inbound_events', 'app', 'select, insert, update, delete');

-- Outgoing messages that the platform has not accepted yet.
create table outbox (
  organisation_id uuid not null,
  app_id uuid not null,
  message_id uuid not null,
  channel_id uuid not null,
  conversation_id uuid not null,
  lane integer not null,
  sequence bigint generated always as identity,
  attempts integer not null default 0,
  due_at timestamptz not null default now(),
  -- The process that is sending it. Free when nobody, when the lease ran out or when the owner is gone.
  lease_owner integer,
  lease_until timestamptz,
  correlation_id text not null,
  created_at timestamptz not null default now(),
  primary key (organisation_id, app_id, lane, sequence)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
create index outbox_by_due on outbox (due_at);
select parley_protect('outbox', 'app', 'select, insert, update, delete');

create table traces (
  organisation_id uuid not null,
  app_id uuid not null,
  -- The id of the event it tells about.
  trace_id uuid not null,
  channel_id uuid not null,
  conversation_id uuid,
  outcome text not null check (outcome in ('answered', 'silent', 'failed', 'recorded')),
  content bytea not null,
  started_at timestamptz not null default now(),
  primary key (organisation_id, app_id, trace_id)
);
select parley_protect('traces', 'app', 'select, insert');

-- The next events in order whose members nobody works on. Takes each lane's lock until the transaction ends, so the caller
-- holds those members alone; it must read the events again afterwards, for another may have finished them meanwhile.
create function parley_claim_inbound(lock_class integer, most integer)
returns table (organisation_id uuid, app_id uuid, event_id uuid)
language sql volatile security definer set search_path = public, pg_temp as $$
  with next as materialized (
    select e.organisation_id, e.app_id, e.event_id, e.lane, e.sequence from inbound_events e
    where e.due_at <= now() order by e.sequence limit most
  ), held as materialized (
    select n.lane from next n group by n.lane having pg_try_advisory_xact_lock(lock_class, n.lane)
  )
  select n.organisation_id, n.app_id, n.event_id from next n join held using (lane) order by n.sequence
$$;
select parley_let_look_up('parley_claim_inbound(integer, integer)', 'inbound_events',
  'organisation_id, app_id, event_id, lane, sequence, due_at');

-- Leases whole lanes of the outbox whose first message is due and free: leased by nobody, by a lease that ran out, or by a
-- process that is gone (every process holds the advisory lock (owner_class, owner) as long as it lives).
create function parley_claim_outbox(owner_class integer, owner integer, lease_seconds integer, most integer)
returns table (organisation_id uuid, app_id uuid, message_id uuid, lane integer, sequence bigint)
language sql volatile security definer set search_path = public, pg_temp as $$
  with alive as materialized (
    select l.objid::bigint::integer as owner from pg_locks l
    where l.locktype = 'advisory' and l.classid = owner_class::oid and l.objsubid = 2 and l.granted
  ), due as materialized (
    select o.organisation_id, o.app_id, o.lane, o.sequence from outbox o
    where o.due_at <= now()
      and (o.lease_owner is null or o.lease_until < now() or o.lease_owner not in (select a.owner from alive a))
    order by o.due_at limit most
  ), heads as materialized (
    select d.organisation_id, d.app_id, d.lane, d.sequence from due d
    where not exists (select from outbox p where p.organisation_id = d.organisation_id and p.app_id = d.app_id
      and p.lane = d.lane and p.sequence < d.sequence)
  ), taken as materialized (
    select o.organisation_id, o.app_id, o.lane from outbox o join heads h using (organisation_id, app_id, lane, sequence)
    for update of o skip locked
  )
  update outbox o set lease_owner = owner, lease_until = now() + make_interval(secs => lease_seconds)
  from taken t where o.organisation_id = t.organisation_id and o.app_id = t.app_id and o.lane = t.lane
  returning o.organisation_id, o.app_id, o.message_id, o.lane, o.sequence
$$;
select parley_let_look_up('parley_claim_outbox(integer, integer, integer, integer)', 'outbox',
  'organisation_id, app_id, message_id, lane, sequence, due_at, lease_owner, lease_until');
grant update (lease_owner, lease_until) on outbox to parley_lookup;
create policy lease on outbox for update to parley_lookup using (true);

-- A number for this process, never used before.
create sequence process_numbers as integer cycle;
grant usage on sequence process_numbers to parley_runtime;

-- Holds one lane until the transaction ends, waiting for whoever has it.
create function parley_hold_lane(lock_class integer, lane integer) returns table (held boolean)
language sql volatile set search_path = public, pg_temp as $$
  select pg_advisory_xact_lock(lock_class, lane) is not null
$$;
revoke all on function parley_hold_lane from public;
grant execute on function parley_hold_lane to parley_runtime;
