--liquibase formatted sql

--changeset zaptrix:media-upload
-- What Meta keeps of agents' files, to be sent again without another upload. No file is in here.
create table media_upload (
    tenant_id       uuid        not null,
    phone_number_id text        not null,
    -- Of the content, in hexadecimal.
    sha256          text        not null,
    -- As what it was uploaded.
    mime_type       text        not null,
    -- As what it was last sent: image, video, audio, document, sticker.
    kind            text        not null,
    size            bigint      not null,
    -- Of the first 256 KB: whether it is worth while to read a large file before it is uploaded.
    head_sha256     text        not null,
    media_id        text        not null,
    -- The message part that it was last uploaded for, which finds it again after a crash.
    source          text        not null,
    uploaded_at     timestamptz not null default now(),
    primary key (tenant_id, phone_number_id, sha256, mime_type)
);
create index media_upload_source on media_upload (tenant_id, source);
create index media_upload_head on media_upload (tenant_id, phone_number_id, size);
alter table media_upload enable row level security;
alter table media_upload force row level security;
create policy tenant on media_upload using (tenant_id = nullif(current_setting('zaptrix.tenant', true), '')::uuid);
--rollback drop table media_upload;
