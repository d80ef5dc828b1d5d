#!/bin/sh
set -e

# "-x", "--requirepass …" or "some.conf" alone are arguments of redis-server.
case "${1:-}" in
  -* | *.conf) set -- redis-server "$@" ;;
esac

if [ "$1" = redis-server ]; then
  shift
  if [ "$(id -u)" = 0 ]; then
    # The volume may belong to root (a fresh bind mount): the server's own user has to be able to write there.
    find . \! -user redis -exec chown redis '{}' +
    set -- setpriv --reuid redis --regid redis --clear-groups redis-server "$@"
  else
    set -- redis-server "$@"
  fi
  # The official image is built with protected mode off: in a container every client comes from another address. What
  # the command line or a configuration file of the user's own says about it wins.
  case " $* " in
    *' --protected-mode '*) ;;
    *)
      said=
      for argument; do
        case "$argument" in *.conf) ! grep -qs '^[[:space:]]*protected-mode' "$argument" || said=yes ;; esac
      done
      [ -n "$said" ] || set -- "$@" --protected-mode no
      ;;
  esac
  umask 0077
fi

exec "$@"
