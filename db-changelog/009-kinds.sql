--liquibase formatted sql

--changeset zaptrix:customer-alias
-- What messages are sent to: the wa_id or business-scoped user id that Meta gave last. Null: from before it was kept.
alter table conversation_mapping add column send_to text;

-- The names that lead to a conversation: phone numbers in one spelling, business-scoped user ids.
create table customer_alias (
    tenant_id       uuid not null,
    phone_number_id text not null,
    alias           text not null,
    -- conversation_mapping.meta_whatsapp_id, which never changes.
    whatsapp_id     text not null,
    primary key (tenant_id, phone_number_id, alias)
);
alter table customer_alias enable row level security;
alter table customer_alias force row level security;
create policy tenant on customer_alias using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
--rollback drop table customer_alias; alter table conversation_mapping drop column send_to;

--changeset zaptrix:ad-referral
create table ad_referral (
    tenant_id       uuid        not null,
    phone_number_id text        not null,
    whatsapp_id     text        not null,
    at              timestamptz not null,
    source_type     text,
    source_id       text,
    source_url      text,
    headline        text,
    -- ctwa_clid
    click_id        text,
    primary key (tenant_id, phone_number_id, whatsapp_id, at)
);
alter table ad_referral enable row level security;
alter table ad_referral force row level security;
create policy tenant on ad_referral using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
--rollback drop table ad_referral;

--changeset zaptrix:account-event
create table account_event (
    tenant_id       uuid        not null,
    -- A digest of what Meta sent, so that the same webhook is kept once.
    id              text        not null,
    at              timestamptz not null,
    waba_id         text        not null,
    -- The linked number that it is about; null: the account.
    phone_number_id text,
    -- Meta's webhook field.
    field           text        not null,
    -- Ours: template_rejected, number_flagged, account_banned and the like.
    what            text        not null,
    needs_action    boolean     not null,
    detail          jsonb       not null default '{}',
    primary key (tenant_id, id)
);
create index account_event_at on account_event (tenant_id, at desc);
alter table account_event enable row level security;
alter table account_event force row level security;
create policy tenant on account_event using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
--rollback drop table account_event;

--changeset zaptrix:waba-route splitStatements:false
-- Meta's account events name the account only; several portals may share one.
alter table phone_number_route add column waba_id text;
create index phone_number_route_waba on phone_number_route (waba_id);
-- phone_number shows only one tenant's rows at a time.
do $$
declare
    owner uuid;
begin
    for owner in select distinct tenant_id from phone_number_route loop
        perform set_config('zaptrix.tenant', owner::text, true);
        update phone_number_route route set waba_id = number.waba_id
            from phone_number number
            where number.tenant_id = owner and route.tenant_id = owner
                and number.phone_number_id = route.phone_number_id;
    end loop;
    perform set_config('zaptrix.tenant', '', true);
end
$$;
--rollback alter table phone_number_route drop column waba_id;
