--liquibase formatted sql

-- What the operator of the service has of its own, and what it may see of the portals. The scope 'operator' opens
--   * the operator's own tables (sign-in, sessions, audit), to it alone;
--   * for reading: portal_config, phone_number, tenant_hold, portal_flag;
--   * of the lanes numbers only, by operator_backlog and operator_queue: no row of them, and so no message, can come out.

--changeset zaptrix:operator-scope
create policy operator on portal_config for select using (current_setting('zaptrix.scope', true) = 'operator');
create policy operator on phone_number for select using (current_setting('zaptrix.scope', true) = 'operator');
--rollback drop policy operator on phone_number; drop policy operator on portal_config;

--changeset zaptrix:tenant-hold
-- Portals whose lanes the operator holds: what comes is accepted and answered, nothing is carried.
create table tenant_hold (
    tenant_id uuid        not null primary key,
    since     timestamptz not null default now(),
    reason    text        not null
);
alter table tenant_hold enable row level security;
alter table tenant_hold force row level security;
create policy tenant on tenant_hold using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
create policy relay on tenant_hold for select using (current_setting('zaptrix.scope', true) = 'relay');
create policy operator on tenant_hold for select using (current_setting('zaptrix.scope', true) = 'operator');
--rollback drop table tenant_hold;

--changeset zaptrix:portal-flag
-- What the operator has switched on or off for one portal; what has no row is as the service has it by default.
create table portal_flag (
    tenant_id  uuid        not null,
    flag       text        not null,
    enabled    boolean     not null,
    updated_at timestamptz not null default now(),
    primary key (tenant_id, flag)
);
alter table portal_flag enable row level security;
alter table portal_flag force row level security;
create policy tenant on portal_flag using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
create policy operator on portal_flag for select using (current_setting('zaptrix.scope', true) = 'operator');
--rollback drop table portal_flag;

--changeset zaptrix:tenant-told splitStatements:false
-- Replicas remember holds and flags; the tables themselves tell of changes, an erasure too.
create function tenant_told() returns trigger language plpgsql as $$
begin
    perform pg_notify('zaptrix_' || tg_table_name, coalesce(new.tenant_id, old.tenant_id)::text);
    return null;
end $$;
create trigger tenant_told after insert or update or delete on tenant_hold for each row execute function tenant_told();
create trigger tenant_told after insert or update or delete on portal_flag for each row execute function tenant_told();
--rollback drop trigger tenant_told on portal_flag; drop trigger tenant_told on tenant_hold; drop function tenant_told;

--changeset zaptrix:operator-numbers splitStatements:false
-- How much waits for each of these portals, counted no further than 10,000, and how long the oldest of that has waited.
create function operator_backlog(tenants uuid[])
returns table (tenant_id uuid, waiting bigint, oldest timestamptz, dead bigint, last_day date)
language plpgsql as $$
begin
    if current_setting('zaptrix.scope', true) is distinct from 'operator' then
        raise exception 'for the operator only';
    end if;
    perform set_config('zaptrix.scope', 'relay', true);
    return query
        select asked.id, items.n, items.first, letters.n,
            (select max(l.written_on) from item_ledger l where l.tenant_id = asked.id and l.written_on <= current_date + 1)
        from unnest(tenants) as asked (id)
        cross join lateral (
            select count(*) as n, min(few.accepted_at) as first
            from (select i.accepted_at from lane_item i where i.tenant_id = asked.id limit 10001) few) items
        cross join lateral (
            select count(*) as n
            from (select from dead_letter d where d.tenant_id = asked.id limit 10001) few) letters;
    perform set_config('zaptrix.scope', 'operator', true);
end $$;

-- The lanes of all portals together.
create function operator_queue()
returns table (lanes bigint, carried bigint, sleeping bigint, waiting bigint, oldest timestamptz, dead bigint)
language plpgsql as $$
begin
    if current_setting('zaptrix.scope', true) is distinct from 'operator' then
        raise exception 'for the operator only';
    end if;
    perform set_config('zaptrix.scope', 'relay', true);
    return query
        select known.n, known.carried, known.sleeping, items.n, items.first, letters.n
        from (select count(*) as n, count(l.lease_owner) as carried, count(*) filter (where l.sleeping) as sleeping
            from (select lane.lease_owner, lane.sleeping from lane limit 100000) l) known
        cross join (select count(*) as n, min(few.accepted_at) as first
            from (select i.accepted_at from lane_item i limit 100001) few) items
        cross join (select count(*) as n from (select from dead_letter limit 100001) few) letters;
    perform set_config('zaptrix.scope', 'operator', true);
end $$;
--rollback drop function operator_queue; drop function operator_backlog;

--changeset zaptrix:operator-sign-in
-- The second factor of whoever signs in by the password: one for the service.
create table operator_second_factor (
    id           int         not null primary key default 1 check (id = 1),
    -- Of RFC 6238, sealed.
    secret       bytea       not null,
    created_at   timestamptz not null default now(),
    -- When the first code proved that it was kept; null: still being set up.
    confirmed_at timestamptz,
    -- The last time step whose code was taken: none is taken twice.
    last_step    bigint      not null default 0
);
create table operator_recovery_code (
    -- SHA-256; each is 80 random bits, and opens once.
    digest     bytea       not null primary key,
    created_at timestamptz not null default now()
);
create table operator_session (
    -- SHA-256 of the cookie.
    digest     bytea       not null primary key,
    operator   text        not null,
    -- password: the second factor is still to come; full
    stage      text        not null,
    client     text        not null,
    started_at timestamptz not null default now(),
    seen_at    timestamptz not null default now()
);
create index operator_session_seen_at on operator_session (seen_at);
-- How often sign-in was tried, by client address and by all together ('*'); counted before anything is compared.
create table operator_attempt (
    client      text        not null primary key,
    failures    int         not null,
    window_ends timestamptz not null,
    -- Somebody signed in from there: what others try does not lock it out.
    known_until timestamptz
);
create table operator_audit (
    id       bigint      not null generated always as identity primary key,
    at       timestamptz not null default now(),
    operator text        not null,
    -- A word such as portal.suspended.
    action   text        not null,
    -- The portal that it was about, by its tenant; null: the service.
    portal   uuid,
    detail   jsonb       not null default '{}'
);
create index operator_audit_portal on operator_audit (portal, id) where portal is not null;
alter table operator_second_factor enable row level security;
alter table operator_second_factor force row level security;
create policy operator on operator_second_factor using (current_setting('zaptrix.scope', true) = 'operator');
alter table operator_recovery_code enable row level security;
alter table operator_recovery_code force row level security;
create policy operator on operator_recovery_code using (current_setting('zaptrix.scope', true) = 'operator');
alter table operator_session enable row level security;
alter table operator_session force row level security;
create policy operator on operator_session using (current_setting('zaptrix.scope', true) = 'operator');
alter table operator_attempt enable row level security;
alter table operator_attempt force row level security;
create policy operator on operator_attempt using (current_setting('zaptrix.scope', true) = 'operator');
-- What was done cannot be made undone: entries are written and read, and go when they are 400 days old.
alter table operator_audit enable row level security;
alter table operator_audit force row level security;
create policy written on operator_audit for insert with check (current_setting('zaptrix.scope', true) = 'operator');
create policy read on operator_audit for select using (current_setting('zaptrix.scope', true) = 'operator');
create policy aged on operator_audit for delete using (
    current_setting('zaptrix.scope', true) = 'operator' and at < now() - interval '400 days');
--rollback drop table operator_audit; drop table operator_attempt; drop table operator_session; drop table operator_recovery_code; drop table operator_second_factor;

--changeset zaptrix:replica
-- The processes that serve, each by its own word; whoever has not said anything for a minute is gone.
create table replica (
    id            uuid        not null primary key,
    host          text        not null,
    version       text        not null,
    started_at    timestamptz not null default now(),
    seen_at       timestamptz not null default now(),
    -- The keys of its keyset, and the one that it seals with.
    key_ids       bigint[]    not null,
    primary_key   bigint      not null,
    primary_since timestamptz not null default now()
);
-- The re-encryption that is under way or was the last: one row.
create table key_rotation (
    id          int         not null primary key default 1 check (id = 1),
    -- What everything is to be sealed with.
    to_key      bigint      not null,
    asked_at    timestamptz not null default now(),
    -- How many values were sealed with another key at the beginning; -1: not counted yet
    total       bigint      not null default -1,
    done        bigint      not null default 0,
    -- Values that did not open, and so were left.
    failed      bigint      not null default 0,
    finished_at timestamptz,
    -- The replica that works on it, and until when nobody else may.
    worker      uuid,
    lease_until timestamptz
);
--rollback drop table key_rotation; drop table replica;
