#!/bin/sh
# The application's role: plain, so that row-level security binds it, and owner of its own database only.
# (No "set" here: the image's entrypoint reads this file into itself where it has lost its executable bit.)
psql --username "${POSTGRES_USER:-postgres}" --dbname postgres --no-psqlrc --set ON_ERROR_STOP=1 <<'SQL'
\getenv password ZAPTRIX_DATABASE_PASSWORD
create role zaptrix login nosuperuser nobypassrls nocreatedb nocreaterole password :'password';
create database zaptrix owner zaptrix;
SQL
