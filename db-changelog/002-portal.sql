--liquibase formatted sql

--changeset zaptrix:portal-config
create table portal_config (
    tenant_id             uuid        not null primary key,
    member_id             text        not null,
    portal_url            text        not null,
    client_endpoint       text        not null,
    -- A local app has its own pair; null: the marketplace app's, from the configuration.
    client_id             text,
    client_secret         bytea,
    access_token          bytea,
    refresh_token         bytea,
    token_expiration_time timestamptz,
    application_token     bytea,
    scope                 text,
    app_status            text,
    status                text        not null,
    problem               text,
    language              text        not null,
    created_at            timestamptz not null default now(),
    updated_at            timestamptz not null default now(),
    uninstalled_at        timestamptz,
    -- When the uninstalled portal's rows are erased; null while it is installed.
    erase_after           timestamptz
);
alter table portal_config enable row level security;
alter table portal_config force row level security;
create policy tenant on portal_config using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
create policy directory on portal_config for select using (current_setting('zaptrix.scope', true) = 'directory');
--rollback drop table portal_config;
