# SPDX-License-Identifier: Apache-2.0
pkginclude_HEADERS = include/palaver/store.h
