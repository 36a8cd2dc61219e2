-- Which of many sessions still live: asked every half second for the streams that are open, in one call for all of them.

create function parley_list_live_sessions(wanted uuid[]) returns table (session_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select s.session_id from sessions s join users u on u.user_id = s.user_id
  where s.session_id = any(wanted) and s.ended_at is null and s.ends_at > now()
    and s.seen_at > now() - make_interval(secs => s.idle_seconds) and u.status = 'active'
$$;
select parley_let_look_up('parley_list_live_sessions(uuid[])', 'sessions',
  'user_id, session_id, ended_at, ends_at, seen_at, idle_seconds');
select parley_let_look_up('parley_list_live_sessions(uuid[])', 'users', 'user_id, status');
create unique index sessions_by_id on sessions (session_id);
