-- Background jobs: who may touch the tables of pg-boss, and what may stand in them.
--
-- parley_jobs is the role pg-boss runs as. It has the rights on its own tables that running jobs takes and none on any
-- table of a tenant; the runtime role has none on the jobs and may call parley_enqueue_job alone. Job tables have no
-- row-level security, for the runner serves all tenants: therefore nothing but ids can stand in a job, which the
-- constraint below holds whoever writes.

revoke all on all functions in schema pgboss from public;
grant usage on schema pgboss to parley_jobs;
grant execute on function pgboss.job_now(), pgboss.create_queue(text, jsonb) to parley_jobs;
grant select, insert, update, delete on pgboss.job, pgboss.job_common, pgboss.schedule to parley_jobs;
grant select, insert, update on pgboss.queue to parley_jobs;
grant select, update on pgboss.version to parley_jobs;
grant select, delete on pgboss.job_dependency to parley_jobs;
-- Its upkeep locks rows of this table (FOR UPDATE), which asks for the right to update something of them; they stay empty.
grant select, delete, update (id) on pgboss.instance to parley_jobs;

-- Whether a payload holds nothing but ids with our prefixes, single lower-case words (the values of an enumeration) and
-- whole numbers of at most six digits, which no telephone number fits into.
create function parley_is_job_payload(payload jsonb) returns boolean
language sql immutable set search_path = public, pg_temp as $$
  select case when payload is null then true when jsonb_typeof(payload) <> 'object' then false else
    length(payload::text) <= 2000 and not exists (
      select from jsonb_each(payload) as field (name, value)
      where field.name !~ '^[a-z][a-zA-Z]{0,39}$' or not coalesce(case jsonb_typeof(field.value)
        when 'string' then field.value #>> '{}' ~ '^([a-z]{3}_[0-9a-f]{32}|[a-z][a-z_]{0,31})$'
        when 'number' then field.value::text ~ '^-?[0-9]{1,6}$'
        when 'boolean' then true end, false))
  end
$$;
revoke all on function parley_is_job_payload from public;
grant execute on function parley_is_job_payload to parley_jobs;

-- pg-boss's own queue, by which schedules become jobs, carries the schedule's row: names and options, no payload of ours.
alter table pgboss.job add constraint payload_holds_ids
  check (name = '__pgboss__send-it' or public.parley_is_job_payload(data));
alter table pgboss.job add constraint key_is_an_id
  check (name = '__pgboss__send-it' or singleton_key is null or singleton_key ~ '^[a-z]{3}_[0-9a-f]{32}$');
alter table pgboss.schedule add constraint payload_holds_ids check (public.parley_is_job_payload(data));
alter table pgboss.queue add constraint name_is_a_word
  check (name = '__pgboss__send-it' or name ~ '^[a-z][a-z-]{0,39}[.][a-z][a-z-]{0,39}$');

-- Puts a job in, in the caller's transaction, and wakes its workers when that commits. `job_policy` says how it is tried.
-- Of jobs with the same key one waits at most: returns no row when there is one. A transaction that stands in a tenant can
-- name that tenant alone.
create function parley_enqueue_job(job_name text, job_policy jsonb, job_payload jsonb, starts_at timestamptz, job_key text,
  organisation_id uuid default null, app_id uuid default null)
returns table (job_id uuid)
language plpgsql volatile security definer set search_path = public, pg_temp as $$
begin
  if job_payload ->> 'organisationId' <> 'org_' || replace(organisation_id::text, '-', '')
    or job_payload ->> 'appId' <> 'app_' || replace(app_id::text, '-', '') then
    raise exception 'a job of another tenant' using errcode = 'insufficient_privilege';
  end if;
  if not exists (select from pgboss.queue q where q.name = job_name) then
    perform pgboss.create_queue(job_name, job_policy || '{"policy": "standard"}');
  end if;
  return query
    insert into pgboss.job (name, data, start_after, keep_until, singleton_key, upsert_by_key, policy, expire_seconds,
      deletion_seconds, heartbeat_seconds, retry_limit, retry_delay, retry_backoff, retry_delay_max)
    select q.name, job_payload, s.at, s.at + make_interval(secs => q.retention_seconds), job_key,
      case when job_key is not null then true end, q.policy, q.expire_seconds, q.deletion_seconds, q.heartbeat_seconds,
      q.retry_limit, q.retry_delay, q.retry_backoff, q.retry_delay_max
    from pgboss.queue q, (select coalesce(starts_at, now()) as at) s where q.name = job_name
    on conflict do nothing
    returning id;
  if found and coalesce(starts_at <= now(), true) then
    perform pg_notify('parley_jobs', job_name);
  end if;
end $$;
revoke all on function parley_enqueue_job from public;
grant execute on function parley_enqueue_job to parley_runtime;
grant create on schema public to parley_jobs;
alter function parley_enqueue_job owner to parley_jobs;
revoke create on schema public from parley_jobs;
