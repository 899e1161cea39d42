--liquibase formatted sql

--changeset zaptrix:webhook-off
-- Since when nothing is posted to it any more, because for three days nothing had arrived; null: it is posted to.
alter table api_webhook add column off_since timestamptz;
--rollback alter table api_webhook drop column off_since;
