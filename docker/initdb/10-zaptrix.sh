#!/bin/bash
# The application's role: plain, so that row-level security binds it, and owner of its own database only.
set -euo pipefail
psql --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 --set password="$ZAPTRIX_DATABASE_PASSWORD" <<'SQL'
create role zaptrix login nosuperuser nobypassrls nocreatedb nocreaterole password :'password';
create database zaptrix owner zaptrix;
SQL
