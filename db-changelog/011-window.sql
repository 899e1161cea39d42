--liquibase formatted sql

--changeset zaptrix:customer-service-window
-- The customer's message that last_message_at is of: what is marked as read.
alter table conversation_mapping add column last_wamid text;
-- What was marked as read last; as last_wamid when there is nothing to mark.
alter table conversation_mapping add column read_wamid text;
-- When the customer last came by an ad: opens the 72 hours of a free entry point.
alter table conversation_mapping add column free_entry_at timestamptz;
-- When the re-opening template was last sent by itself.
alter table conversation_mapping add column reopened_at timestamptz;
--rollback alter table conversation_mapping drop column last_wamid, drop column read_wamid, drop column free_entry_at, drop column reopened_at;

--changeset zaptrix:channel-settings
create table channel_settings (
    tenant_id         uuid        not null,
    phone_number_id   text        not null,
    read_receipts     boolean     not null default true,
    typing_indicator  boolean     not null default false,
    -- Whether the template is sent by itself when an agent writes outside the window.
    auto_template     boolean     not null default false,
    -- The template that re-opens a conversation; null: none was chosen.
    template_name     text,
    template_language text,
    updated_at        timestamptz not null default now(),
    primary key (tenant_id, phone_number_id)
);
alter table channel_settings enable row level security;
alter table channel_settings force row level security;
create policy tenant on channel_settings using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
--rollback drop table channel_settings;

--changeset zaptrix:outbound-message-window
-- No person wrote it: a greeting, an answer out of hours.
alter table outbound_message add column automatic boolean not null default false;
-- Its price is in message_cost.
alter table outbound_message add column priced boolean not null default false;
--rollback alter table outbound_message drop column automatic, drop column priced;

--changeset zaptrix:message-cost
-- How many messages of each price a number has sent on a day (UTC), as Meta's statuses say.
create table message_cost (
    tenant_id       uuid    not null,
    day             date    not null,
    phone_number_id text    not null,
    -- Meta's words: marketing, utility, authentication, service …; regular, free_customer_service, free_entry_point …
    category        text    not null,
    type            text    not null,
    pricing_model   text    not null,
    billable        boolean not null,
    messages        bigint  not null,
    primary key (tenant_id, day, phone_number_id, category, type, pricing_model, billable)
);
alter table message_cost enable row level security;
alter table message_cost force row level security;
create policy tenant on message_cost using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
--rollback drop table message_cost;
