--liquibase formatted sql

--changeset zaptrix:ledger-subject
-- Whom a message is from or for, in one spelling (CanonicalPhone); null for what is no message. A customer's erasure
-- must find it here.
alter table item_ledger add column subject text collate "C";
-- What it is: for a customer's message Meta's type, 'echo' for one written in WhatsApp's own app; 'agent' or 'automatic'.
alter table item_ledger add column kind text;
-- Only messages are in these, and none of their columns changes when a message goes its way as it should: its one update
-- stays within its page.
create index item_ledger_newest on item_ledger (tenant_id, accepted_at) where subject is not null;
create index item_ledger_subject on item_ledger (tenant_id, subject, accepted_at) where subject is not null;
create index item_ledger_trouble on item_ledger (tenant_id, accepted_at)
    where subject is not null and (reason is not null or attempts > 0);
--rollback drop index item_ledger_newest, item_ledger_subject, item_ledger_trouble; alter table item_ledger drop column subject, drop column kind;

--changeset zaptrix:item-retry
-- Each attempt that failed and was to be made again. What arrives at once has no row here. Holds no person's data.
create table item_retry (
    tenant_id  uuid        not null,
    -- The item's name in the ledger.
    written_on date        not null,
    key_digest uuid        not null,
    at         timestamptz not null default clock_timestamp(),
    -- Which attempt it was that failed.
    attempt    int         not null,
    reason     text        not null,
    -- It may have arrived.
    uncertain  boolean     not null,
    primary key (tenant_id, written_on, key_digest, at)
);
create index item_retry_at on item_retry (at);
alter table item_retry enable row level security;
alter table item_retry force row level security;
create policy tenant on item_retry using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
create policy relay on item_retry using (current_setting('zaptrix.scope', true) = 'relay');
--rollback drop table item_retry;

--changeset zaptrix:outbound-message-times
-- When Meta took it, and by Meta's clock when it arrived, was read, failed.
alter table outbound_message add column sent_at timestamptz;
alter table outbound_message add column delivered_at timestamptz;
alter table outbound_message add column read_at timestamptz;
alter table outbound_message add column failed_at timestamptz;
--rollback alter table outbound_message drop column sent_at, drop column delivered_at, drop column read_at, drop column failed_at;

--changeset zaptrix:customer-alias-conversation
-- All names of a customer, from one of them.
create index customer_alias_conversation on customer_alias (tenant_id, phone_number_id, whatsapp_id);
--rollback drop index customer_alias_conversation;

--changeset zaptrix:portal-time-zone
-- Where the portal's admins live, such as America/Sao_Paulo; null: not known.
alter table portal_config add column time_zone text;
--rollback alter table portal_config drop column time_zone;

--changeset zaptrix:daily-figure
-- What a portal's days were like: written anew as a whole day, however often and on whatever replica. No person's data.
create table daily_figure (
    tenant_id       uuid   not null,
    -- In the time zone that figure_day names.
    day             date   not null,
    phone_number_id text   not null,
    -- in, out, delivered, read, failed, refused, answered
    measure         text   not null,
    -- For refused and failed the reason, for answered the step of the scale; else empty.
    label           text   not null,
    value           bigint not null,
    primary key (tenant_id, day, phone_number_id, measure, label)
);
alter table daily_figure enable row level security;
alter table daily_figure force row level security;
create policy tenant on daily_figure using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);

-- Which days are in daily_figure, and as of when.
create table figure_day (
    tenant_id   uuid        not null,
    day         date        not null,
    time_zone   text        not null,
    computed_at timestamptz not null,
    primary key (tenant_id, day)
);
alter table figure_day enable row level security;
alter table figure_day force row level security;
create policy tenant on figure_day using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
--rollback drop table daily_figure; drop table figure_day;

--changeset zaptrix:message-price
-- What an admin says that a message of a category costs, for estimates.
create table message_price (
    tenant_id uuid          not null,
    category  text          not null,
    price     numeric(12,4) not null,
    -- ISO 4217
    currency  text          not null,
    primary key (tenant_id, category)
);
alter table message_price enable row level security;
alter table message_price force row level security;
create policy tenant on message_price using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
--rollback drop table message_price;

--changeset zaptrix:portal-person
-- The portal's users who have opened the app or may: their names, and what those may who are no admins.
create table portal_person (
    tenant_id uuid        not null,
    -- In the portal.
    user_id   text        not null,
    name      text        not null,
    -- As it was when they last opened the app; their rights do not come from here.
    admin     boolean     not null default false,
    -- May see the message log.
    viewer    boolean     not null default false,
    -- May see whole phone numbers there.
    reveal    boolean     not null default false,
    seen_at   timestamptz,
    primary key (tenant_id, user_id)
);
alter table portal_person enable row level security;
alter table portal_person force row level security;
create policy tenant on portal_person using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
--rollback drop table portal_person;
