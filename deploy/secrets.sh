#!/bin/sh
# Writes the passwords and keys that docker-compose.yml needs into .env, once: at least 192 random bits each, readable by you only.
set -eu
cd "$(dirname "$0")/.."
umask 077
touch .env
for name in CARE_POSTGRES_PASSWORD CARE_ROLE_PASSWORD_INTAKE CARE_ROLE_PASSWORD_SCORING CARE_ROLE_PASSWORD_NOTIFICATIONS \
    CARE_NOTIFICATIONS_SESSION_SECRET CARE_INTAKE_TOKEN CARE_INTAKE_OPERATOR_TOKEN; do
    if ! grep -q "^$name=." .env; then
        value=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
        printf '%s=%s\n' "$name" "$value" >> .env
    fi
done
# The key that seals partners' secrets at rest: base64 of 32 bytes, as the service asks.
if ! grep -q "^CARE_NOTIFICATIONS_SECRETS_KEYS=." .env; then
    printf 'CARE_NOTIFICATIONS_SECRETS_KEYS=%s\n' "$(head -c 32 /dev/urandom | base64 | tr -d '\n')" >> .env
fi
