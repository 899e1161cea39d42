--liquibase formatted sql

--changeset zaptrix:outbound-message
create table outbound_message (
    tenant_id       uuid        not null,
    im_message_id   text        not null,
    -- A long text goes as several WhatsApp messages.
    part            int         not null,
    parts           int         not null,
    phone_number_id text        not null,
    whatsapp_id     text        not null,
    line_id         text        not null,
    chat_id         text        not null,
    -- The event's im node, as it came: status calls give it back.
    im              text        not null,
    wamid           text,
    -- sending, sent, delivered, read, failed, uncertain
    state           text        not null,
    error_code      int,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    primary key (tenant_id, im_message_id, part)
);
create index outbound_message_wamid on outbound_message (tenant_id, wamid) where wamid is not null;
alter table outbound_message enable row level security;
alter table outbound_message force row level security;
create policy tenant on outbound_message using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
--rollback drop table outbound_message;
