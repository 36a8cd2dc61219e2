-- Policies read the transaction's tenant where they compare it, not through a sub-select. PostgreSQL set up two sub-selects
-- for each table of a statement, a tenth of its time where statements touch few rows, which is nearly all of them. Keys begin
-- with the tenant, so a scan still reads the setting once; only rows written, or read without a key, read it each.

create or replace function parley_protect(target regclass, scope text, rights text) returns void
language plpgsql as $$
declare
  organisation constant text := 'nullif(current_setting(''parley.organisation_id'', true), '''')::uuid';
  app constant text := 'nullif(current_setting(''parley.app_id'', true), '''')::uuid';
  person constant text := 'nullif(current_setting(''parley.user_id'', true), '''')::uuid';
  rule text;
begin
  rule := case scope
    when 'app' then format('organisation_id = %s and app_id = %s', organisation, app)
    when 'organisation' then format('organisation_id = %s', organisation)
    -- The app's own row: from within the app only that row, from the organisation all of them.
    when 'app_row' then format('organisation_id = %s and (%s is null or app_id = %s)', organisation, app, app)
    when 'user' then format('user_id = %s', person)
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

-- Each table's scope is read off its policy, whose terms stay what they were.
do $$
declare
  found record;
  rule text;
begin
  for found in select polrelid::regclass as target, pg_get_expr(polqual, polrelid) as rule,
      pg_get_expr(polwithcheck, polrelid) as written from pg_policy where polname = 'tenant'
  loop
    rule := regexp_replace(found.rule, '\( SELECT (\(NULLIF\([^()]*\([^()]*\), ''''::text\)\)::uuid) AS "nullif"\)', '\1', 'g');
    if found.rule <> found.written or rule ~* 'select' or rule !~ 'NULLIF' then
      raise exception 'the policy of % is not one of ours: %', found.target, found.rule;
    end if;
    execute format('alter policy tenant on %s using (%s) with check (%s)', found.target, rule, rule);
  end loop;
end $$;
