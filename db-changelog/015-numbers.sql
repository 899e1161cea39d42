--liquibase formatted sql

--changeset zaptrix:agent-signature
-- Whether the agent's name stands before what the agent writes. On, as it was before there was a choice.
alter table channel_settings add column agent_signature boolean not null default true;
--rollback alter table channel_settings drop column agent_signature;

--changeset zaptrix:number-health
-- What Meta said of a number when it was last asked; the words are Meta's. About the business, not about customers.
create table number_health (
    tenant_id           uuid        not null,
    phone_number_id     text        not null,
    verified_name       text,
    number_status       text,
    quality_rating      text,
    name_status         text,
    throughput          text,
    messaging_limit     text,
    platform_type       text,
    on_business_app     boolean     not null default false,
    -- Ours: VALID, REFUSED, OTHER_APP, UNKNOWN.
    token_state         text        not null default 'UNKNOWN',
    -- Null: never, or nobody knows.
    token_expires_at    timestamptz,
    -- Why Meta did not answer; null: it did.
    problem             text,
    -- Null: never asked, or to be asked anew.
    checked_at          timestamptz,
    -- When the last webhook about the number arrived, to the minute.
    last_webhook_at     timestamptz,
    primary key (tenant_id, phone_number_id)
);
alter table number_health enable row level security;
alter table number_health force row level security;
create policy tenant on number_health using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
--rollback drop table number_health;

--changeset zaptrix:number-pin
-- The PIN (two-step verification) of a number that was registered here, sealed. Outlives taking the number off, as the
-- number keeps it too; goes with the portal.
create table number_pin (
    tenant_id       uuid        not null,
    phone_number_id text        not null,
    pin             bytea       not null,
    created_at      timestamptz not null default now(),
    primary key (tenant_id, phone_number_id)
);
alter table number_pin enable row level security;
alter table number_pin force row level security;
create policy tenant on number_pin using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
--rollback drop table number_pin;
