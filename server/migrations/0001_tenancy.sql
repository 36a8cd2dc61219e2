-- Organisations and apps, and the one way a table is put under row-level security.
--
-- parley_protect(table, scope, rights) enables and forces row-level security, makes the policy of the scope and grants the
-- runtime role exactly the rights named. Never TRUNCATE, REFERENCES or TRIGGER. Policies read the transaction's tenant
-- through a sub-select, which PostgreSQL evaluates once a statement; an unset tenant is NULL and matches nothing.

create function parley_protect(target regclass, scope text, rights text) returns void
language plpgsql as $$
declare
  organisation constant text := '(select nullif(current_setting(''parley.organisation_id'', true), '''')::uuid)';
  app constant text := '(select nullif(current_setting(''parley.app_id'', true), '''')::uuid)';
  rule text;
begin
  rule := case scope
    when 'app' then format('organisation_id = %s and app_id = %s', organisation, app)
    when 'organisation' then format('organisation_id = %s', organisation)
    -- The app's own row: from within the app only that row, from the organisation all of them.
    when 'app_row' then format('organisation_id = %s and (%s is null or app_id = %s)', organisation, app, app)
  end;
  if rule is null then
    raise exception 'unknown scope %', scope;
  end if;
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format('create policy tenant on %s using (%s) with check (%s)', target, rule, rule);
  execute format('revoke all on table %s from public', target);
  execute format('grant %s on table %s to parley_runtime', rights, target);
end $$;
revoke all on function parley_protect from public;

-- parley_let_look_up(function, table, columns) makes a function that spans tenants: it runs as parley_lookup, a role that
-- can do nothing but read the named id columns of that table, and the runtime role may call it.
create function parley_let_look_up(body regprocedure, target regclass, columns text) returns void
language plpgsql as $$
begin
  execute format('grant select (%s) on table %s to parley_lookup', columns, target);
  if not exists (select from pg_policy where polrelid = target and polname = 'look_up') then
    execute format('create policy look_up on %s for select to parley_lookup using (true)', target);
  end if;
  execute format('revoke all on function %s from public', body);
  execute format('grant execute on function %s to parley_runtime', body);
  grant create on schema public to parley_lookup;
  execute format('alter function %s owner to parley_lookup', body);
  revoke create on schema public from parley_lookup;
end $$;
revoke all on function parley_let_look_up from public;

create table organisations (
  organisation_id uuid primary key,
  name text not null check (length(name) between 1 and 200),
  created_at timestamptz not null default now()
);
select parley_protect('organisations', 'organisation', 'select, insert, update');

create table apps (
  organisation_id uuid not null references organisations,
  app_id uuid not null,
  name text not null check (length(name) between 1 and 200),
  -- Goes up with every change of the app's channels, trees or webhook endpoints; caches compare it.
  configuration_revision bigint not null default 1,
  created_at timestamptz not null default now(),
  primary key (organisation_id, app_id)
);
select parley_protect('apps', 'app_row', 'select, insert, update');
