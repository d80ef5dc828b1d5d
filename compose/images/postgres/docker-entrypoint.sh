#!/usr/bin/env bash
# The entry point's contract is that of the official image: POSTGRES_* variables, /docker-entrypoint-initdb.d, a temporary
# server on the socket only while the database is made, then the command as given.
set -Eeo pipefail

fail() {
  printf 'Error: %s\n' "$1" >&2
  exit 1
}

# VARIABLE_FILE gives the value of VARIABLE by a file, for secrets.
from_file() {
  local name=$1 default=${2:-} file_name="${1}_FILE"
  [ -z "${!name:-}" ] || [ -z "${!file_name:-}" ] || fail "both $name and $file_name are set (but are exclusive)"
  local value=${!name:-$default}
  [ -z "${!file_name:-}" ] || value=$(< "${!file_name}")
  export "$name=$value"
  unset "$file_name"
}

as_options_only() {
  case "${1:-}" in -*) return 0 ;; *) return 1 ;; esac
}

make_folders() {
  mkdir -p "$PGDATA" /var/run/postgresql
  chmod 700 "$PGDATA" 2> /dev/null || :
  chmod 3775 /var/run/postgresql 2> /dev/null || :
  [ -z "${POSTGRES_INITDB_WALDIR:-}" ] || mkdir -p "$POSTGRES_INITDB_WALDIR"
  if [ "$(id -u)" = 0 ]; then
    find "$PGDATA" ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"} \! -user postgres -exec chown postgres '{}' +
    find /var/run/postgresql \! -user postgres -exec chown postgres '{}' +
  fi
}

refuse_without_password() {
  [ "${#POSTGRES_PASSWORD}" -lt 100 ] || echo 'WARNING: The supplied POSTGRES_PASSWORD is 100+ characters.' >&2
  if [ -z "$POSTGRES_PASSWORD" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
    fail 'Database is uninitialized and superuser password is not specified.
       You must specify POSTGRES_PASSWORD to a non-empty value for the
       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".

       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all
       connections without a password. This is *not* recommended.'
  fi
}

# Whether what initdb would make here is what it made when the image was built: nothing asks for anything else.
default_files_will_do() {
  [ -z "${POSTGRES_INITDB_ARGS:-}${POSTGRES_INITDB_WALDIR:-}${TZ:-}${LC_ALL:-}" ] && [ "$POSTGRES_USER" = postgres ] \
    && [ "$LANG" = en_US.utf8 ] && case "$POSTGRES_PASSWORD" in *$'\n'*) return 1 ;; esac
}

make_database_files() {
  if default_files_will_do; then
    # initdb is most of a first start's work, and every test run is a first start.
    cp -a /usr/local/share/postgresql/fresh/. "$PGDATA/"
    # In single-user mode: neither the log nor the process list gets to see the password.
    [ -z "$POSTGRES_PASSWORD" ] || printf "ALTER ROLE postgres PASSWORD '%s'\n" "${POSTGRES_PASSWORD//\'/\'\'}" \
      | postgres --single -c fsync=off -D "$PGDATA" postgres > /dev/null
  else
    # --no-sync: a machine that dies in this very second starts anew.
    local arguments=(--username="$POSTGRES_USER" -D "$PGDATA" --no-sync)
    [ -z "${POSTGRES_INITDB_WALDIR:-}" ] || arguments+=(--waldir "$POSTGRES_INITDB_WALDIR")
    # eval, since POSTGRES_INITDB_ARGS is a piece of command line, quotes included.
    eval 'initdb "${arguments[@]}" --pwfile=<(printf "%s\n" "$POSTGRES_PASSWORD") '"${POSTGRES_INITDB_ARGS:-}"
  fi
  local method=$POSTGRES_HOST_AUTH_METHOD
  [ -n "$method" ] || method=$(postgres -C password_encryption -D "$PGDATA")
  printf '\nhost all all all %s\n' "$method" >> "$PGDATA/pg_hba.conf"
}

temporary_server_start() {
  [ "$1" != postgres ] || shift
  # On the socket only: nobody outside sees a server that is about to stop again. Its writes need no flush of their own,
  # for the same reason as above.
  set -- "$@" -c fsync=off -c listen_addresses='' -p "${PGPORT:-5432}"
  NOTIFY_SOCKET='' PGUSER="${PGUSER:-$POSTGRES_USER}" \
    pg_ctl -D "$PGDATA" -o "$(printf '%q ' "$@")" -w start
}

temporary_server_stop() {
  PGUSER="${PGUSER:-postgres}" pg_ctl -D "$PGDATA" -m fast -w stop
}

query() {
  local arguments=(-v ON_ERROR_STOP=1 --no-psqlrc --username "$POSTGRES_USER" --no-password)
  [ -z "$POSTGRES_DB" ] || arguments+=(--dbname "$POSTGRES_DB")
  PGHOST='' PGHOSTADDR='' psql "${arguments[@]}" "$@"
}

make_database() {
  local existing
  existing=$(POSTGRES_DB='' query --dbname postgres --set db="$POSTGRES_DB" --tuples-only <<< "SELECT 1 FROM pg_database WHERE datname = :'db';")
  [ -n "$existing" ] || POSTGRES_DB='' query --dbname postgres --set db="$POSTGRES_DB" <<< 'CREATE DATABASE :"db";'
}

run_init_files() {
  printf '\n'
  local file
  for file in /docker-entrypoint-initdb.d/*; do
    case "$file" in
      *.sh)
        if [ -x "$file" ]; then
          echo "$0: running $file"
          "$file"
        else
          echo "$0: sourcing $file"
          # shellcheck disable=SC1090
          . "$file"
        fi
        ;;
      *.sql) echo "$0: running $file" && query -f "$file" ;;
      *.sql.gz) echo "$0: running $file" && gunzip -c "$file" | query ;;
      *.sql.xz) echo "$0: running $file" && xzcat "$file" | query ;;
      *.sql.zst) echo "$0: running $file" && zstd -dc "$file" | query ;;
      */\*) ;;
      *) echo "$0: ignoring $file" ;;
    esac
    printf '\n'
  done
}

wants_help() {
  local argument
  for argument; do
    case "$argument" in -'?' | --help | --describe-config | -V | --version) return 0 ;; esac
  done
  return 1
}

main() {
  ! as_options_only "$1" || set -- postgres "$@"
  if [ "$1" = postgres ] && ! wants_help "$@"; then
    from_file POSTGRES_PASSWORD
    from_file POSTGRES_USER postgres
    from_file POSTGRES_DB "$POSTGRES_USER"
    from_file POSTGRES_INITDB_ARGS
    : "${POSTGRES_HOST_AUTH_METHOD:=}"
    make_folders
    # Everything after this runs as the server's user; the files of the volume are that user's now.
    [ "$(id -u)" != 0 ] || exec setpriv --reuid postgres --regid postgres --init-groups "$BASH_SOURCE" "$@"
    if [ -s "$PGDATA/PG_VERSION" ]; then
      printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
    else
      refuse_without_password
      ls /docker-entrypoint-initdb.d/ > /dev/null
      make_database_files
      export PGPASSWORD="${PGPASSWORD:-$POSTGRES_PASSWORD}"
      temporary_server_start "$@"
      make_database
      run_init_files
      temporary_server_stop
      unset PGPASSWORD
      printf '\nPostgreSQL init process complete; ready for start up.\n\n'
    fi
  fi
  exec "$@"
}

main "$@"
