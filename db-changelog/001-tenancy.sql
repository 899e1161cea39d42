--liquibase formatted sql

-- How the rows of one portal are kept from another, whatever SQL is run:
--   * every table of tenants' data has row-level security, forced, so that it binds the tables' owner too;
--   * a transaction works for one tenant by set_config('zaptrix.tenant', <uuid>, true); without it, it sees nothing;
--   * few statements must see across tenants: they say which by set_config('zaptrix.scope', …) and only the tables
--     that name that scope in a policy open to it ('directory' to list portals, 'relay' for the lanes).
-- Every primary key leads with tenant_id, so that the tables can be distributed by it.

--changeset zaptrix:unrouted
create table unrouted_event (
    id          bigint generated always as identity primary key,
    received_at timestamptz not null default now(),
    source      text        not null,
    reason      text        not null,
    reference   text        not null,
    body        bytea       not null
);
create index unrouted_event_received_at on unrouted_event (received_at);
--rollback drop table unrouted_event;
