--liquibase formatted sql

--changeset zaptrix:outbound-message-retention
-- What was sent is known as long as the ledger knows what was accepted. The scope sees nothing younger than Meta's week of
-- redelivery, whatever a statement asks for.
create index outbound_message_created_at on outbound_message (created_at);
create policy retention on outbound_message using (
    current_setting('zaptrix.scope', true) = 'retention' and created_at < now() - interval '8 days');
--rollback drop policy retention on outbound_message; drop index outbound_message_created_at;
