#!/bin/bash
# Brings Squid's log files to the container's output, makes the cache folders, then runs Squid with the command's options.
if [ ! -f /etc/ssl/private/ssl-cert-snakeoil.key ]; then
  /usr/sbin/make-ssl-cert generate-default-snakeoil --force-overwrite > /dev/null 2>&1
fi

tail -F /var/log/squid/access.log 2> /dev/null &
tail -F /var/log/squid/error.log 2> /dev/null &
tail -F /var/log/squid/store.log 2> /dev/null &
tail -F /var/log/squid/cache.log 2> /dev/null &

/usr/sbin/squid -Nz
exec /usr/sbin/squid "$@"
