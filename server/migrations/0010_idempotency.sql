-- Answers kept for requests that carry an Idempotency-Key, for 24 hours.
--
-- key_hash is a blind index of the token and the key, fingerprint one of the request; reply is an envelope. A row is
-- written in the transaction of the work it stands for: no row, no work. A row without a reply is work that was committed
-- and whose answer is still awaited.

create table idempotency_keys (
  organisation_id uuid not null,
  app_id uuid not null,
  key_hash bytea not null check (length(key_hash) = 16),
  fingerprint bytea not null check (length(fingerprint) = 16),
  reply bytea,
  created_at timestamptz not null default now(),
  primary key (organisation_id, app_id, key_hash),
  foreign key (organisation_id, app_id) references apps
);
create index idempotency_keys_by_age on idempotency_keys (organisation_id, app_id, created_at);
select parley_protect('idempotency_keys', 'app', 'select, insert, update, delete');
