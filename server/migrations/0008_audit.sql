-- Audit entries: what was changed, by whom, from where. Written in the transaction of the change; append-only by privilege
-- and by trigger.

create table audit_entries (
  organisation_id uuid not null,
  app_id uuid not null,
  entry_id uuid not null,
  at timestamptz not null default now(),
  actor text not null,
  action text not null,
  operation text not null,
  targets jsonb not null,
  request_id text not null,
  remote_address text not null,
  primary key (organisation_id, app_id, entry_id),
  foreign key (organisation_id, app_id) references apps
);
select parley_protect('audit_entries', 'app', 'select, insert');

create function parley_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'audit entries are never changed' using errcode = 'insufficient_privilege';
end $$;
create trigger append_only before update or delete on audit_entries for each row execute function parley_refuse_change();
create trigger append_only_truncate before truncate on audit_entries for each statement execute function parley_refuse_change();
