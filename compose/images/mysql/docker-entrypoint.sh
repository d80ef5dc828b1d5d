#!/usr/bin/env bash
# The entry point's contract is that of the official mysql image: MYSQL_* variables, /docker-entrypoint-initdb.d, a temporary
# server on the socket only while the database is made, then the command as given.
set -Eeo pipefail

DATA=/var/lib/mysql
SOCKET=/var/run/mysqld/mysqld.sock

fail() {
  printf '[ERROR] [Entrypoint]: %s\n' "$1" >&2
  exit 1
}

# VARIABLE_FILE gives the value of VARIABLE by a file, for secrets.
from_file() {
  local name=$1 file_name="${1}_FILE"
  [ -z "${!name:-}" ] || [ -z "${!file_name:-}" ] || fail "Both $name and $file_name are set (but are exclusive)"
  local value=${!name:-}
  [ -z "${!file_name:-}" ] || value=$(< "${!file_name}")
  export "$name=$value"
  unset "$file_name"
}

# Options of MySQL that MariaDB does not have are warnings in the log, and no reason to stop.
loosened() {
  local argument
  for argument; do
    case "$argument" in
      --defaults-* | --no-defaults | --user=* | --user | --loose-* | --help | --verbose | --version) printf '%s\0' "$argument" ;;
      --*) printf -- '--loose-%s\0' "${argument#--}" ;;
      *) printf '%s\0' "$argument" ;;
    esac
  done
}

refuse_without_password() {
  if [ -z "$MYSQL_ROOT_PASSWORD" ] && [ -z "${MYSQL_ALLOW_EMPTY_PASSWORD:-}" ] && [ -z "${MYSQL_RANDOM_ROOT_PASSWORD:-}" ]; then
    fail 'Database is uninitialized and password option is not specified
    You need to specify one of the following as an environment variable:
    - MYSQL_ROOT_PASSWORD
    - MYSQL_ALLOW_EMPTY_PASSWORD
    - MYSQL_RANDOM_ROOT_PASSWORD'
  fi
  [ "${MYSQL_USER:-}" != root ] || fail 'MYSQL_USER="root", MYSQL_USER and MYSQL_PASSWORD are for configuring a regular user and cannot be used for the root user'
}

# As a text of SQL.
quoted() {
  local text=${1//\\/\\\\}
  printf "'%s'" "${text//\'/\'\'}"
}

named() {
  printf '`%s`' "${1//\`/\`\`}"
}

query() {
  mysql --protocol=socket --socket="$SOCKET" -uroot --batch --comments "$@"
}

temporary_server_start() {
  "$@" --skip-networking --socket="$SOCKET" &
  server=$!
  local tries
  for tries in {600..0}; do
    query -e 'SELECT 1' > /dev/null 2>&1 && return
    kill -0 "$server" 2> /dev/null || fail 'Unable to start server.'
    sleep 0.1
  done
  fail 'Unable to start server.'
}

set_up() {
  local host=${MYSQL_ROOT_HOST:-%} password=$MYSQL_ROOT_PASSWORD
  if [ -n "${MYSQL_RANDOM_ROOT_PASSWORD:-}" ]; then
    password=$(head -c 24 /dev/urandom | base64 | tr -d '\n')
    printf '[Note] [Entrypoint]: GENERATED ROOT PASSWORD: %s\n' "$password"
  fi
  # The time zones' names, as the official image loads them.
  [ -n "${MYSQL_INITDB_SKIP_TZINFO:-}" ] || mariadb-tzinfo-to-sql --skip-write-binlog /usr/share/zoneinfo 2> /dev/null | query mysql
  {
    # MariaDB makes them beside the one of the socket, without a password; MySQL has none of them.
    printf "DELETE FROM mysql.global_priv WHERE (User = 'root' AND Host <> 'localhost') OR User = '';\nFLUSH PRIVILEGES;\n"
    [ -z "${MYSQL_DATABASE:-}" ] || printf 'CREATE DATABASE IF NOT EXISTS %s;\n' "$(named "$MYSQL_DATABASE")"
    if [ -n "${MYSQL_USER:-}" ] && [ -n "${MYSQL_PASSWORD:-}" ]; then
      printf "CREATE USER %s@'%%' IDENTIFIED BY %s;\n" "$(quoted "$MYSQL_USER")" "$(quoted "$MYSQL_PASSWORD")"
      [ -z "${MYSQL_DATABASE:-}" ] || printf "GRANT ALL ON %s.* TO %s@'%%';\n" "$(named "$MYSQL_DATABASE")" "$(quoted "$MYSQL_USER")"
    fi
    if [ "$host" != localhost ]; then
      printf "CREATE USER IF NOT EXISTS 'root'@%s IDENTIFIED BY %s;\n" "$(quoted "$host")" "$(quoted "$password")"
      printf "GRANT ALL ON *.* TO 'root'@%s WITH GRANT OPTION;\n" "$(quoted "$host")"
    fi
    # Last: this very client needs none until then.
    printf "ALTER USER 'root'@'localhost' IDENTIFIED BY %s;\n" "$(quoted "$password")"
  } > /tmp/set-up.sql
  chmod 600 /tmp/set-up.sql
  query < /tmp/set-up.sql
  rm /tmp/set-up.sql
  export MYSQL_PWD=$password
}

run_init_files() {
  local file database=()
  [ -z "${MYSQL_DATABASE:-}" ] || database=("--database=$MYSQL_DATABASE")
  for file in /docker-entrypoint-initdb.d/*; do
    case "$file" in
      *.sh)
        if [ -x "$file" ]; then "$file"; else
          # shellcheck disable=SC1090
          . "$file"
        fi
        ;;
      *.sql) query "${database[@]}" < "$file" ;;
      *.sql.gz) gunzip -c "$file" | query "${database[@]}" ;;
      *.sql.xz) xzcat "$file" | query "${database[@]}" ;;
      *.sql.zst) zstd -dc "$file" | query "${database[@]}" ;;
      */\*) ;;
      *) echo "[Warn] [Entrypoint]: ignoring $file" ;;
    esac
  done
}

main() {
  case "${1:-}" in -*) set -- mysqld "$@" ;; esac
  if [ "$1" = mysqld ] || [ "$1" = mariadbd ]; then
    local line=()
    mapfile -d '' line < <(loosened "${@:2}")
    set -- "$1" "${line[@]}"
    if [ "$(id -u)" = 0 ]; then
      mkdir -p "$DATA" /var/run/mysqld
      find "$DATA" /var/run/mysqld \! -user mysql -exec chown mysql '{}' +
      exec setpriv --reuid mysql --regid mysql --init-groups "$BASH_SOURCE" "$@"
    fi
    from_file MYSQL_ROOT_PASSWORD
    from_file MYSQL_DATABASE
    from_file MYSQL_USER
    from_file MYSQL_PASSWORD
    if [ ! -d "$DATA/mysql" ]; then
      refuse_without_password
      # Making them is most of a first start's work, and every test run is a first start.
      cp -a /usr/local/share/mysql/fresh/. "$DATA/"
      temporary_server_start "$@"
      set_up
      run_init_files
      mysqladmin --socket="$SOCKET" -uroot shutdown
      wait "$server"
      unset MYSQL_PWD
      printf '\n[Note] [Entrypoint]: MySQL init process done. Ready for start up.\n\n'
    fi
  fi
  exec "$@"
}

main "$@"
