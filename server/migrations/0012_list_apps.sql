-- All apps, page by page, for work that enters each tenant in turn.

create function parley_list_apps(after uuid, most integer) returns table (organisation_id uuid, app_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select a.organisation_id, a.app_id from apps a where after is null or a.app_id > after order by a.app_id limit most
$$;
select parley_let_look_up('parley_list_apps(uuid, integer)', 'apps', 'organisation_id, app_id');
create index apps_in_order on apps (app_id);
