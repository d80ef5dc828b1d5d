#!/bin/sh
# As the official one: "server /data" alone is a command of minio.
[ "${1:-}" = minio ] || [ -z "${1:-}" ] || set -- minio "$@"
exec "$@"
