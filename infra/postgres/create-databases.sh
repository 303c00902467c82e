#!/usr/bin/env bash
# One role and one database for each service; no role may connect to another's database. Harmless when run again, except
# that passwords become those given. Needs psql, its PG* variables (or the image's POSTGRES_USER), and the four passwords.
set -euo pipefail

for service in education health social_care aggregator; do
  variable=${service^^}_DATABASE_PASSWORD
  psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${PGUSER:-$POSTGRES_USER}" --dbname postgres \
    --set service="$service" --set password="${!variable:?is not set}" <<'SQL'
select format('create role %I login', :'service') where not exists (select from pg_roles where rolname = :'service') \gexec
alter role :"service" password :'password';
-- C: text sorts by its bytes, as in SQLite, whatever the machine's language.
select format('create database %I owner %I encoding ''UTF8'' locale ''C'' template template0', :'service', :'service')
where not exists (select from pg_database where datname = :'service') \gexec
revoke connect on database :"service" from public;
SQL
done
