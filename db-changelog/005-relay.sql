--liquibase formatted sql

--changeset zaptrix:relay
create table lane (
    tenant_id   uuid        not null,
    lane        text        not null,
    -- When somebody should look at it; null: nothing waits.
    ready_at    timestamptz,
    -- It waits for the other side to recover: a new item does not bring ready_at forward.
    backing_off boolean     not null default false,
    lease_owner uuid,
    lease_until timestamptz,
    -- Grows with every claim; what a replica writes about a lane is void if somebody claimed it since.
    fence       bigint      not null default 0,
    -- Failures in a row, for the backoff.
    failures    int         not null default 0,
    primary key (tenant_id, lane)
) with (fillfactor = 70);
create index lane_ready on lane (ready_at) where ready_at is not null;
create index lane_leased on lane (lease_owner) where lease_owner is not null;

create table lane_item (
    tenant_id      uuid        not null,
    seq            bigint      not null generated always as identity,
    lane           text        not null,
    flow           text        not null,
    item_key       text        not null,
    -- The order of writing within the lane, by the sender's own counting; seq where it is equal.
    position       bigint      not null,
    payload        bytea,
    -- waiting; sent: handed to the other side, whose answer is not known; done; refused; dead
    state          text        not null default 'waiting',
    attempts       int         not null default 0,
    not_before     timestamptz,
    correlation_id text        not null,
    accepted_at    timestamptz not null default now(),
    first_tried_at timestamptz,
    finished_at    timestamptz,
    reason         text,
    primary key (tenant_id, seq),
    unique (tenant_id, flow, item_key)
);
create index lane_item_live on lane_item (tenant_id, lane, position, seq) where state in ('waiting', 'sent');
create index lane_item_dead on lane_item (tenant_id, seq) where state = 'dead';
create index lane_item_finished on lane_item (finished_at) where state in ('done', 'refused');
alter table lane enable row level security;
alter table lane force row level security;
create policy tenant on lane using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
create policy relay on lane using (current_setting('zaptrix.scope', true) = 'relay');
alter table lane_item enable row level security;
alter table lane_item force row level security;
create policy tenant on lane_item using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
create policy relay on lane_item using (current_setting('zaptrix.scope', true) = 'relay');
--rollback drop table lane_item; drop table lane;
