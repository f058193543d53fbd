# SPDX-License-Identifier: Apache-2.0
include src/store/sqlite/local.mk
