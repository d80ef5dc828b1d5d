#!/bin/sh
# Renders the templates, then runs nginx. sh, because not every tag of the image has bash (F049).
set -eu

fail() {
  echo "nginx/docker-entrypoint.sh: $1" >&2
  exit 1
}

# By name: without a list envsubst would empty nginx's own variables, too (F018).
variables='${NGINX_SERVER_NAME} ${NGINX_PORT} ${NGINX_SSL_PORT} ${NGINX_SSL_CERT_FILENAME} ${NGINX_SSL_CERT_KEY_FILENAME}
  ${NGINX_WORKER_PROCESSES} ${NGINX_CLIENT_MAX_BODY_SIZE} ${NGINX_KEEPALIVE_TIMEOUT}
  ${NGINX_PROXY_READ_TIMEOUT} ${NGINX_PROXY_SEND_TIMEOUT}'

render() {
  # Of a file that is missing in the stack's directory the engine makes an empty folder (F050).
  [ -f "$1" ] || fail "$1 is no file: it is missing in the stack's directory"
  envsubst "$variables" < "$1" > "$2"
  ! grep -nF '${' "$2" || fail "$1 has a placeholder that is not in the list of this script"
}

render /etc/nginx/nginx.conf.template /etc/nginx/nginx.conf
render /etc/nginx/proxy.conf.template /etc/nginx/proxy.conf
render /etc/nginx/conf.d/default.conf.template /etc/nginx/conf.d/default.conf
: > /etc/nginx/https.conf

# "True" means true, and a typing error is told: else 443 has no listener and nobody knows why (F030).
case "$NGINX_HTTPS_ENABLED" in
  true | True | TRUE)
    for file in "$NGINX_SSL_CERT_FILENAME" "$NGINX_SSL_CERT_KEY_FILENAME"; do
      # F031
      [ -r "/etc/nginx/ssl/$file" ] || fail "HTTPS is enabled, and nginx/ssl/$file is missing (NGINX_SSL_CERT_*FILENAME)"
    done
    render /etc/nginx/https.conf.template /etc/nginx/https.conf
    ;;
  false | False | FALSE | '') ;;
  *) fail "NGINX_HTTPS_ENABLED is '$NGINX_HTTPS_ENABLED': say true or false" ;;
esac

exec nginx -g 'daemon off;'
