#!/bin/sh
# Writes .env beside docker-compose.yml: this installation's secrets, made here and now.
# What is there stays: with another master key, what was sealed can never be read again.
set -eu
cd "$(dirname "$0")/../.."
umask 077
set -C # A file that is there is not written over, also when two of us run at once.

secret() {
    head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'
}

# Kafka's id: 16 bytes. Its first letter is fixed, since an id that starts with a hyphen reads as
# an option; its last has to be one of those that 16 bytes can end with.
identity() {
    printf 'P%sA' "$(head -c 15 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n')"
}

if ! {
    echo "PEYGIR_MASTER_KEY=$(secret)"
    echo "PEYGIR_HMAC_KEY=$(secret)"
    echo "KAFKA_CLUSTER_ID=$(identity)"
    echo "POSTGRES_PASSWORD=$(secret)"
    echo "GRAFANA_PASSWORD=$(secret)"
} 2>/dev/null >.env; then
    echo "there is an .env here already; it stays as it is" >&2
    exit 1
fi
echo "made .env; keep PEYGIR_MASTER_KEY and PEYGIR_HMAC_KEY in a safe place too" >&2
