-- How organisations live and end: ownership handed on, invitations sent again, the first run, and the purge of what was
-- deleted.

-- Channels belong to apps, so a limit to channels makes sense in one app only.
alter table grants add constraint channels_in_an_app check (channel_ids is null or in_app_id is not null);

-- Where a person is a user, disabled ones included: whose copies of address and name must follow.
create function parley_list_enrolments(person uuid) returns table (organisation_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select m.organisation_id from organisation_users m where m.user_id = person and m.status <> 'removed'
  order by m.organisation_id
$$;
select parley_let_look_up('parley_list_enrolments(uuid)', 'organisation_users', 'organisation_id, user_id, status');

-- Whether an address belongs to a user of this organisation; says nothing about anybody elsewhere.
alter table organisation_users add column email_index bytea check (length(email_index) = 16);
create index organisation_users_by_address on organisation_users (organisation_id, email_index);

-- Which of its letters counts: sending an invitation again ends the link before.
alter table invitations add column serial integer not null default 1;
create index invitations_in_order on invitations (organisation_id, invitation_id);

-- At most one offer at a time: another one replaces it.
create table ownership_offers (
  organisation_id uuid primary key references organisations,
  offered_by uuid not null,
  offered_to uuid not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  foreign key (organisation_id, offered_by) references organisation_users (organisation_id, user_id),
  foreign key (organisation_id, offered_to) references organisation_users (organisation_id, user_id)
);
select parley_protect('ownership_offers', 'organisation', 'select, insert, update, delete');

-- The first run. Whoever asks holds the lock until the transaction ends, so that of any number of codes and callers one
-- finds the installation empty.
create function parley_begin_set_up() returns table (is_empty boolean)
language plpgsql volatile security definer set search_path = public, pg_temp as $$
begin
  perform pg_advisory_xact_lock(4071125);
  return query select not exists (select from organisations) and not exists (select from users);
end $$;
select parley_let_look_up('parley_begin_set_up()', 'organisations', 'organisation_id');
select parley_let_look_up('parley_begin_set_up()', 'users', 'user_id');

create function parley_is_empty() returns table (is_empty boolean)
language sql stable security definer set search_path = public, pg_temp as $$
  select not exists (select from organisations) and not exists (select from users)
$$;
select parley_let_look_up('parley_is_empty()', 'organisations', 'organisation_id');

-- An organisation's log outlives its apps.
alter table audit_entries drop constraint audit_entries_organisation_id_in_app_id_fkey;

-- Entries are never changed. They go only together with their organisation, once its time to be taken back is over.
create or replace function parley_refuse_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and exists (
    select from organisations o where o.organisation_id = old.organisation_id and o.delete_after <= now()) then
    return old;
  end if;
  raise exception 'audit entries are never changed' using errcode = 'insufficient_privilege';
end $$;

create index organisations_due on organisations (delete_after) where delete_after is not null;
create index apps_due on apps (delete_after) where delete_after is not null;

-- What is to be deleted for good: apps, their own time or their organisation's being over, and organisations (no app).
create function parley_list_due_deletions(most integer) returns table (organisation_id uuid, app_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  (select a.organisation_id, a.app_id from apps a where a.delete_after <= now() order by a.app_id limit most)
  union
  (select o.organisation_id, a.app_id from organisations o left join apps a on a.organisation_id = o.organisation_id
   where o.delete_after <= now() order by o.organisation_id limit most)
$$;
select parley_let_look_up('parley_list_due_deletions(integer)', 'organisations', 'organisation_id, delete_after');
select parley_let_look_up('parley_list_due_deletions(integer)', 'apps', 'organisation_id, app_id, delete_after');

-- The tenant tables of apps, or those of organisations, in the order in which their rows can go: children first. From the
-- catalogue, so that no table is ever forgotten.
create function parley_list_tenant_tables(of_apps boolean) returns table (target regclass)
language sql stable set search_path = public, pg_temp as $$
  with recursive tenant as (
    select c.oid, exists (select from pg_attribute a
      where a.attrelid = c.oid and a.attname = 'app_id' and not a.attisdropped) as is_of_app
    from pg_class c join pg_attribute o on o.attrelid = c.oid and o.attname = 'organisation_id' and not o.attisdropped
    where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = 'public'::regnamespace
      and c.relname not in ('apps', 'organisations')
  ), depth (oid, level) as (
    select t.oid, 0 from tenant t
    union
    select f.conrelid, d.level + 1 from depth d join pg_constraint f
      on f.contype = 'f' and f.confrelid = d.oid and f.conrelid <> f.confrelid
  )
  select t.oid::regclass from tenant t join depth d on d.oid = t.oid where t.is_of_app = of_apps
  group by t.oid order by max(d.level) desc, t.oid
$$;
revoke all on function parley_list_tenant_tables from public;

-- Deletes at most so many rows of an app whose time is over, the app itself last; 0 when there is nothing to delete (any
-- more). It runs as the owner of the tables, whom row-level security holds in the entered tenant like everybody else.
create function parley_purge_app(organisation_id uuid, app_id uuid, most integer) returns table (purged bigint)
language plpgsql volatile security definer set search_path = public, pg_temp as $$
declare
  target regclass;
  gone bigint;
begin
  if not exists (select from apps a join organisations o on o.organisation_id = a.organisation_id
      where a.organisation_id = $1 and a.app_id = $2 and least(a.delete_after, o.delete_after) <= now()) then
    return query select 0::bigint;
    return;
  end if;
  for target in select t.target from parley_list_tenant_tables(true) t loop
    execute format('delete from %1$s where organisation_id = $1 and app_id = $2 and ctid = any (array(
      select ctid from %1$s where organisation_id = $1 and app_id = $2 limit $3))', target) using $1, $2, $3;
    get diagnostics gone = row_count;
    if gone > 0 then
      return query select gone;
      return;
    end if;
  end loop;
  delete from grants g where g.organisation_id = $1 and g.in_app_id = $2;
  delete from apps a where a.organisation_id = $1 and a.app_id = $2;
  return query select 1::bigint;
end $$;
revoke all on function parley_purge_app from public;
grant execute on function parley_purge_app to parley_runtime;

-- The same for an organisation without apps.
create function parley_purge_organisation(organisation_id uuid, most integer) returns table (purged bigint)
language plpgsql volatile security definer set search_path = public, pg_temp as $$
declare
  target regclass;
  gone bigint;
begin
  if not exists (select from organisations o where o.organisation_id = $1 and o.delete_after <= now())
      or exists (select from apps a where a.organisation_id = $1) then
    return query select 0::bigint;
    return;
  end if;
  for target in select t.target from parley_list_tenant_tables(false) t loop
    execute format('delete from %1$s where organisation_id = $1 and ctid = any (array(
      select ctid from %1$s where organisation_id = $1 limit $2))', target) using $1, $2;
    get diagnostics gone = row_count;
    if gone > 0 then
      return query select gone;
      return;
    end if;
  end loop;
  delete from organisations o where o.organisation_id = $1;
  return query select 1::bigint;
end $$;
revoke all on function parley_purge_organisation from public;
grant execute on function parley_purge_organisation to parley_runtime;

-- Links that still lead to an organisation whose time is over.
create function parley_forget_organisation_secrets(organisation uuid) returns table (purged bigint)
language sql volatile security definer set search_path = public, pg_temp as $$
  with gone as (delete from one_time_secrets s where s.about_organisation_id = organisation
    and exists (select from organisations o where o.organisation_id = organisation and o.delete_after <= now()) returning 1)
  select count(*) from gone
$$;
select parley_let_look_up('parley_forget_organisation_secrets(uuid)', 'one_time_secrets', 'hash');
