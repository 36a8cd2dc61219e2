-- The first use of a token in an hour is in the audit log. Whoever's guarded update sets this column writes the entry, so
-- that parallel uses write one.

alter table tokens add column use_noted_at timestamptz;
