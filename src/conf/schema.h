/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema.h - the option table as JSON Schema, for editors that complete and check while one types.
 */
#ifndef PALAVER_CONF_SCHEMA_H
#define PALAVER_CONF_SCHEMA_H

#include "base/buf.h"

/* Append the schema (draft 2020-12), indented, with a newline at its end. Runs on: any. */
void pal_conf_schema(struct pal_buf *out);

#endif
