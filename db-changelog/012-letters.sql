--liquibase formatted sql

--changeset zaptrix:dead-letter-replay
-- The policies bind the migration too.
set local zaptrix.scope = 'relay';
-- It may have arrived after all: replayed, it is asked for first, where the other side can be asked.
alter table dead_letter add column uncertain boolean not null default false;
update dead_letter set uncertain = true
where starts_with(reason, 'gave_up') or reason in ('handler_failed', 'restored');
-- Replay goes through the letters lane by lane, in the lane's order.
create index dead_letter_in_order on dead_letter (tenant_id, lane, position, seq);
--rollback drop index dead_letter_in_order; alter table dead_letter drop column uncertain;

--changeset zaptrix:audit-entry
create table audit_entry (
    tenant_id uuid        not null,
    id        bigint      not null generated always as identity,
    at        timestamptz not null default now(),
    -- Who did it: the id of a user in the portal.
    actor     text        not null,
    -- What was done, a word such as letter.replayed.
    action    text        not null,
    -- To what, by its id.
    subject   text        not null,
    detail    jsonb       not null default '{}',
    primary key (tenant_id, id)
);
alter table audit_entry enable row level security;
alter table audit_entry force row level security;
create policy tenant on audit_entry using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
--rollback drop table audit_entry;
