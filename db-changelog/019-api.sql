--liquibase formatted sql

--changeset zaptrix:direct-message
-- What programs of the company send by the API; without content, which is in the lane until it is sent. Of a customer:
-- whatsapp_id. The parts that were sent are in outbound_message, as im_message_id 'api.' and the id.
create table direct_message (
    tenant_id       uuid        not null,
    id              uuid        not null,
    phone_number_id text        not null,
    -- The conversation's name, as in conversation_mapping.
    whatsapp_id     text        not null,
    -- text, template, or the kind of the file
    type            text        not null,
    parts           int         not null,
    -- Why what was not sent will not be.
    failure         text,
    error_code      int,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    primary key (tenant_id, id)
);
create index direct_message_customer on direct_message (tenant_id, phone_number_id, whatsapp_id);
create index direct_message_created_at on direct_message (created_at);
alter table direct_message enable row level security;
alter table direct_message force row level security;
create policy tenant on direct_message using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
create policy retention on direct_message using (
    current_setting('zaptrix.scope', true) = 'retention' and created_at < now() - interval '8 days');
--rollback drop table direct_message;

--changeset zaptrix:api-key
-- No secret is in here: of a key there is the SHA-256 alone. A key names its tenant, so that no look-up crosses tenants.
create table api_key (
    tenant_id    uuid        not null,
    id           uuid        not null,
    name         text        not null,
    digest       bytea       not null,
    -- The key's end, by which people tell one from another.
    hint         text        not null,
    -- Words, with spaces between them.
    scopes       text        not null,
    -- The id of a user in the portal.
    made_by      text        not null,
    created_at   timestamptz not null default now(),
    expires_at   timestamptz not null,
    revoked_at   timestamptz,
    -- To the minute.
    last_used_at timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, digest)
);
alter table api_key enable row level security;
alter table api_key force row level security;
create policy tenant on api_key using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
--rollback drop table api_key;

--changeset zaptrix:api-idempotency
-- Which request an Idempotency-Key stands for; holds no content, only its digest. Of a customer: nothing but the message_id.
create table api_idempotency (
    tenant_id       uuid        not null,
    key_id          uuid        not null,
    idempotency_key text        not null,
    request_digest  bytea       not null,
    message_id      uuid        not null,
    -- When somebody last set out to carry it out; null: it failed in a way that lets the next one try at once.
    taken_at        timestamptz,
    answered        boolean     not null default false,
    created_at      timestamptz not null default now(),
    primary key (tenant_id, key_id, idempotency_key)
);
create index api_idempotency_created_at on api_idempotency (created_at);
alter table api_idempotency enable row level security;
alter table api_idempotency force row level security;
create policy tenant on api_idempotency using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
create policy retention on api_idempotency using (
    current_setting('zaptrix.scope', true) = 'retention' and created_at < now() - interval '24 hours');
--rollback drop table api_idempotency;

--changeset zaptrix:api-webhook
create table api_webhook (
    tenant_id     uuid        not null,
    id            uuid        not null,
    url           text        not null,
    -- Words, with spaces between them.
    events        text        not null,
    -- Whether messages are told with their text.
    with_text     boolean     not null,
    -- What signs, sealed as api_webhook.secret.
    secret        bytea       not null,
    -- The api_key that made it.
    key_id        uuid        not null,
    created_at    timestamptz not null default now(),
    -- Since when nothing has arrived; null: the last attempt did.
    failing_since timestamptz,
    failure       text,
    primary key (tenant_id, id)
);
alter table api_webhook enable row level security;
alter table api_webhook force row level security;
create policy tenant on api_webhook using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
--rollback drop table api_webhook;
