#!/bin/sh
# Renders Squid's configuration and runs it in the foreground. sh and sed: the image has no envsubst.
set -eu

template=/etc/squid/squid.conf.template
# Of a file that is missing in the stack's directory the engine makes an empty folder (F050).
[ -f $template ] || { echo "$template is no file: it is missing in the stack's directory" >&2; exit 1; }

sed -e "s/\${HTTP_PORT}/$HTTP_PORT/g" -e "s/\${REVERSE_PROXY_PORT}/$REVERSE_PROXY_PORT/g" \
  -e "s/\${SANDBOX_HOST}/$SANDBOX_HOST/g" -e "s/\${SANDBOX_PORT}/$SANDBOX_PORT/g" \
  $template > /etc/squid/squid.conf

# Squid looks its peer up at start and, when it finds none, not again for an hour. After a reboot of the host nothing keeps
# the order of the start (F060); without the sandbox the way out is still needed, so not for ever.
tries=0
until getent hosts "$SANDBOX_HOST" > /dev/null || [ $tries -ge 30 ]; do
  tries=$((tries + 1))
  sleep 1
done

# Squid opens its logs as another user: the container's output has to let it.
chmod o+rw /dev/stdout /dev/stderr

# -N: no second process, which would take no signal.
exec squid -N -f /etc/squid/squid.conf
