-- What a channel of kind `web` has besides: where it may be shown, how it looks, what it asks of visitors. The value is
-- checked before it is written; the rule here is that every web channel has it and no other.

alter table channels add column web jsonb;
alter table channels add constraint channels_web check ((kind = 'web') = (web is not null));

-- Tokens of visitors that were issued before are refused.
alter table channels add column visitors_since timestamptz;
