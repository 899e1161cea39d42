--liquibase formatted sql

--changeset zaptrix:privacy-settings
-- A row only for a portal that chose something, or that has work waiting. Jobs find them by the scope 'directory'; so
-- nothing in here is about a person.
create table privacy_settings (
    tenant_id      uuid        not null primary key,
    -- How many days of who wrote when are kept; null: the default.
    retention_days int,
    -- Somebody is to be erased: erasure_request.
    erasing        boolean     not null default false,
    updated_at     timestamptz not null default now()
);
alter table privacy_settings enable row level security;
alter table privacy_settings force row level security;
create policy tenant on privacy_settings using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
create policy directory on privacy_settings for select using (current_setting('zaptrix.scope', true) = 'directory');
--rollback drop table privacy_settings;

--changeset zaptrix:erasure-request
-- WhatsApp users who are to be erased: by what they are found, until they are. The row goes with them; audit_entry keeps
-- that it was done.
create table erasure_request (
    tenant_id uuid        not null,
    id        bigint      not null generated always as identity,
    -- Who asked: the id of a user in the portal.
    actor     text        not null,
    -- What is accepted later is about somebody who has come anew.
    asked_at  timestamptz not null default now(),
    names     text[]      not null,
    chats     text[]      not null,
    -- Ids of their messages, gathered before what names them is gone.
    messages  text[]      not null default '{}',
    -- For people: 55***21.
    masked    text        not null,
    primary key (tenant_id, id)
);
alter table erasure_request enable row level security;
alter table erasure_request force row level security;
create policy tenant on erasure_request using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
--rollback drop table erasure_request;

--changeset zaptrix:audit-without-keys
-- A wamid holds the customer's number. Not forced for this statement, which is about all tenants.
alter table audit_entry no force row level security;
update audit_entry set detail = detail - 'key' where action like 'letter.%' and jsonb_exists(detail, 'key');
alter table audit_entry force row level security;
--rollback empty
