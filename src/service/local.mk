# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/service/README.md
include src/service/view/local.mk
include src/service/access/local.mk
include src/service/limits/local.mk
include src/service/audit/local.mk
include src/service/session/local.mk
include src/service/delivery/local.mk
include src/service/conversation/local.mk
include src/service/history/local.mk
include src/service/channel/local.mk
include src/service/webhook/local.mk
include src/service/erasure/local.mk
