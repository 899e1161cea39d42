--liquibase formatted sql

--changeset zaptrix:conversation-mapping
create table conversation_mapping (
    tenant_id         uuid        not null,
    id                bigint      not null generated always as identity,
    phone_number_id   text        not null,
    meta_whatsapp_id  text        not null,
    bitrix_contact_id text,
    bitrix_chat_id    text,
    contact_name      text,
    last_message_at   timestamptz,
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, phone_number_id, meta_whatsapp_id)
);
create index conversation_mapping_chat on conversation_mapping (tenant_id, bitrix_chat_id);
alter table conversation_mapping enable row level security;
alter table conversation_mapping force row level security;
create policy tenant on conversation_mapping using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
--rollback drop table conversation_mapping;
