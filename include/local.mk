# SPDX-License-Identifier: Apache-2.0
pkginclude_HEADERS = \
	include/palaver/processor.h \
	include/palaver/responder.h \
	include/palaver/store.h
