--liquibase formatted sql

-- Three kinds of memory instead of one, so that what is finished costs what is live nothing:
--   lane         a row only while something waits in it
--   lane_item    what waits, with its payload; gone when it is done
--   item_ledger  what was ever accepted and what became of it, without payload: recognises repetitions, and is dropped
--                by the week
--   dead_letter  what was given up, with its payload, until somebody replays or drops it
-- Every key leads with the tenant and every unique index holds it, as a distributed PostgreSQL (Citus) requires.

--changeset zaptrix:relay-partitions
-- The policies bind the migration too.
set local zaptrix.scope = 'relay';
alter table lane rename to old_lane;
alter table lane_item rename to old_lane_item;
alter index lane_pkey rename to old_lane_pkey;
alter index lane_item_pkey rename to old_lane_item_pkey;
drop index lane_ready, lane_leased, lane_item_live, lane_item_dead, lane_item_finished;

-- One for all lanes and for ever: a lane's row comes and goes, and a fence must never be met again.
create sequence lane_fence;

create table lane (
    tenant_id   uuid        not null,
    lane        text        collate "C" not null,
    flow        text        collate "C" not null,
    -- Not to be looked at before due_at.
    sleeping    boolean     not null default false,
    due_at      timestamptz not null default now(),
    -- It sleeps until the other side has recovered: a new item does not wake it.
    backing_off boolean     not null default false,
    -- Failures in a row, for the backoff.
    failures    int         not null default 0,
    lease_owner uuid,
    lease_until timestamptz,
    -- New with every claim; what a replica writes about a lane is void if somebody claimed it since.
    fence       bigint      not null default nextval('lane_fence'),
    -- The items (seq) that are in its holder's hands: one write a batch. After a crash they are uncertain.
    handed      bigint[]    not null default '{}',
    primary key (tenant_id, lane)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
        autovacuum_vacuum_cost_delay = 0);
create index lane_due on lane (tenant_id, flow, due_at) where lease_owner is null and not sleeping;
create index lane_sleeping on lane (due_at) where sleeping;
create index lane_leased on lane (lease_until) where lease_owner is not null;

create table lane_item (
    tenant_id      uuid        not null,
    lane           text        collate "C" not null,
    -- The order of writing within the lane, by the sender's own counting; seq where it is equal.
    position       bigint      not null,
    seq            bigint      not null generated always as identity,
    item_key       text        collate "C" not null,
    -- With the tenant, its name in the ledger.
    written_on     date        not null,
    key_digest     uuid        not null,
    payload        bytea       not null,
    -- Times it failed or was left by a crash.
    attempts       int         not null default 0,
    -- It was handed to the other side, and whether it arrived is not known.
    uncertain      boolean     not null default false,
    not_before     timestamptz,
    failing_since  timestamptz,
    reason         text,
    correlation_id text        not null,
    accepted_at    timestamptz not null default now(),
    primary key (tenant_id, lane, position, seq)
) with (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
        autovacuum_vacuum_cost_delay = 0);

create table item_ledger (
    tenant_id      uuid        not null,
    -- When its sender wrote it (UTC), which is the same when it comes again: so a repetition meets the same partition,
    -- whatever the day on which it comes.
    written_on     date        not null,
    -- The first 16 bytes of SHA-256 over flow:item_key.
    key_digest     uuid        not null,
    lane           text        collate "C" not null,
    item_key       text        collate "C" not null,
    correlation_id text        not null,
    accepted_at    timestamptz not null default now(),
    -- waiting; done; refused; dead; dropped
    state          text        not null default 'waiting',
    attempts       int         not null default 0,
    reason         text,
    finished_at    timestamptz,
    primary key (tenant_id, written_on, key_digest)
) partition by range (written_on);
-- What claims to be older or newer than the weeks that are kept; small, pruned by delete.
create table item_ledger_other partition of item_ledger default;

create table dead_letter (
    tenant_id      uuid        not null,
    id             bigint      not null generated always as identity,
    lane           text        collate "C" not null,
    position       bigint      not null,
    seq            bigint      not null,
    item_key       text        collate "C" not null,
    written_on     date        not null,
    key_digest     uuid        not null,
    payload        bytea       not null,
    attempts       int         not null,
    reason         text        not null,
    correlation_id text        not null,
    accepted_at    timestamptz not null,
    died_at        timestamptz not null default now(),
    primary key (tenant_id, id)
);
create index dead_letter_died_at on dead_letter (died_at);

insert into lane (tenant_id, lane, flow, sleeping, due_at, backing_off, failures)
select tenant_id, lane, split_part(lane, ':', 1), backing_off, ready_at, backing_off, failures
from old_lane where ready_at is not null;

insert into lane_item (tenant_id, lane, position, seq, item_key, written_on, key_digest, payload, attempts, uncertain,
    not_before, failing_since, reason, correlation_id, accepted_at)
overriding system value
select tenant_id, lane, position, seq, item_key,
    (case when flow in ('inbound', 'status') then to_timestamp(position) else accepted_at end at time zone 'UTC')::date,
    encode(substring(sha256(convert_to(flow || ':' || item_key, 'UTF8')) for 16), 'hex')::uuid,
    payload, attempts, state = 'sent', not_before, first_tried_at, reason, correlation_id, accepted_at
from old_lane_item where state in ('waiting', 'sent') and payload is not null;
select setval(pg_get_serial_sequence('lane_item', 'seq'), coalesce((select max(seq) from old_lane_item), 1));

insert into dead_letter (tenant_id, lane, position, seq, item_key, written_on, key_digest, payload, attempts, reason,
    correlation_id, accepted_at, died_at)
select tenant_id, lane, position, seq, item_key,
    (case when flow in ('inbound', 'status') then to_timestamp(position) else accepted_at end at time zone 'UTC')::date,
    encode(substring(sha256(convert_to(flow || ':' || item_key, 'UTF8')) for 16), 'hex')::uuid,
    payload, attempts, coalesce(reason, ''), correlation_id, accepted_at, coalesce(finished_at, now())
from old_lane_item where state = 'dead' and payload is not null;

insert into item_ledger (tenant_id, written_on, key_digest, lane, item_key, correlation_id, accepted_at, state, attempts,
    reason, finished_at)
select tenant_id,
    (case when flow in ('inbound', 'status') then to_timestamp(position) else accepted_at end at time zone 'UTC')::date,
    encode(substring(sha256(convert_to(flow || ':' || item_key, 'UTF8')) for 16), 'hex')::uuid,
    lane, item_key, correlation_id, accepted_at, case when state = 'sent' then 'waiting' else state end, attempts,
    reason, finished_at
from old_lane_item
on conflict do nothing;

drop table old_lane_item;
drop table old_lane;

alter table lane enable row level security;
alter table lane force row level security;
create policy tenant on lane using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
create policy relay on lane using (current_setting('zaptrix.scope', true) = 'relay');
alter table lane_item enable row level security;
alter table lane_item force row level security;
create policy tenant on lane_item using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
create policy relay on lane_item using (current_setting('zaptrix.scope', true) = 'relay');
alter table item_ledger enable row level security;
alter table item_ledger force row level security;
create policy tenant on item_ledger using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
create policy relay on item_ledger using (current_setting('zaptrix.scope', true) = 'relay');
-- A partition named directly is a table of its own to the policies.
alter table item_ledger_other enable row level security;
alter table item_ledger_other force row level security;
create policy tenant on item_ledger_other using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
create policy relay on item_ledger_other using (current_setting('zaptrix.scope', true) = 'relay');
alter table dead_letter enable row level security;
alter table dead_letter force row level security;
create policy tenant on dead_letter using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
create policy relay on dead_letter using (current_setting('zaptrix.scope', true) = 'relay');
--rollback empty

--changeset zaptrix:item-ledger-weeks splitStatements:false
-- Makes the partition of the week (Monday to Sunday) in which a day lies, if it is missing.
create function item_ledger_week(day date) returns void language plpgsql as $$
declare
    monday date := date_trunc('week', day)::date;
    name text := 'item_ledger_' || to_char(monday, 'YYYYMMDD');
begin
    if to_regclass(name) is not null then
        return;
    end if;
    -- What the default partition holds of that week must move, or the new partition is refused.
    create temporary table moved on commit drop as
        select * from item_ledger_other where written_on >= monday and written_on < monday + 7;
    delete from item_ledger_other where written_on >= monday and written_on < monday + 7;
    execute format(
        'create table %I partition of item_ledger for values from (%L) to (%L) with (fillfactor = 80)',
        name, monday, monday + 7);
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I using (tenant_id = nullif(current_setting(''zaptrix.tenant'', true), '''')::uuid)', name);
    execute format('create policy relay on %I using (current_setting(''zaptrix.scope'', true) = ''relay'')', name);
    insert into item_ledger select * from moved;
    drop table moved;
end $$;
--rollback drop function item_ledger_week;

--changeset zaptrix:portal-change splitStatements:false
-- Replicas remember who may send events; the table itself tells them what they must forget.
create function portal_changed() returns trigger language plpgsql as $$
begin
    perform pg_notify('zaptrix_portal', coalesce(new.tenant_id, old.tenant_id)::text);
    return null;
end $$;
create trigger portal_changed after insert or update or delete on portal_config
    for each row execute function portal_changed();
--rollback drop trigger portal_changed on portal_config; drop function portal_changed;
