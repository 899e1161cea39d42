--liquibase formatted sql

--changeset zaptrix:phone-number
create table phone_number (
    tenant_id            uuid        not null,
    phone_number_id      text        not null,
    waba_id              text        not null,
    display_phone_number text        not null,
    display_name         text        not null,
    quality_rating       text,
    line_id              text        not null,
    access_token         bytea       not null,
    status               text        not null,
    problem              text,
    created_at           timestamptz not null default now(),
    updated_at           timestamptz not null default now(),
    primary key (tenant_id, phone_number_id)
);
alter table phone_number enable row level security;
alter table phone_number force row level security;
create policy tenant on phone_number using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);

-- Finds the tenant of a webhook, before any tenant is known; holds nothing else. Its key makes a number one portal's.
create table phone_number_route (
    phone_number_id text not null primary key,
    tenant_id       uuid not null
);
create index phone_number_route_tenant on phone_number_route (tenant_id);
--rollback drop table phone_number_route; drop table phone_number;
