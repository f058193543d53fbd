# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/service/access/README.md
libpalaver_a_SOURCES += \
	src/service/access/access.c src/service/access/access.h \
	src/service/access/access_check.c \
	src/service/access/access_load.c \
	src/service/access/admin.c src/service/access/admin.h \
	src/service/access/caller.c src/service/access/caller.h \
	src/service/access/claims.c src/service/access/claims.h \
	src/service/access/jwt.c src/service/access/jwt.h \
	src/service/access/jwt_cache.c src/service/access/jwt_cache.h \
	src/service/access/jwt_key.c src/service/access/jwt_key.h \
	src/service/access/jwt_key_parts.h \
	src/service/access/jwt_key_pem.c \
	src/service/access/jwt_key_set.c \
	src/service/access/jwt_part.c src/service/access/jwt_part.h \
	src/service/access/key_rules.c src/service/access/key_rules.h \
	src/service/access/key_text.c src/service/access/key_text.h \
	src/service/access/keyring.c src/service/access/keyring.h \
	src/service/access/keyring_keys.c \
	src/service/access/keyring_parts.h \
	src/service/access/keyring_tenants.c \
	src/service/access/keys.c \
	src/service/access/live.h \
	src/service/access/parts.h \
	src/service/access/refusal.c src/service/access/refusal.h \
	src/service/access/revoked.c src/service/access/revoked.h \
	src/service/access/tenant_settings.c src/service/access/tenant_settings.h \
	src/service/access/tenants.c \
	src/service/access/upkeep.c src/service/access/upkeep.h \
	src/service/access/usage.c src/service/access/usage.h
