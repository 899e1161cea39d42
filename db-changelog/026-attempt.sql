--liquibase formatted sql

--changeset zaptrix:outbound-attempt
-- Which attempt made the row: a replica that made one and then sent nothing knows it again by that.
alter table outbound_message add column attempt uuid;
--rollback alter table outbound_message drop column attempt;
