/* SPDX-License-Identifier: Apache-2.0 */
/* document.h - the option table as a sample file, as a part of the manual, and as JSON Schema. */
#ifndef PALAVER_CONF_DOCUMENT_H
#define PALAVER_CONF_DOCUMENT_H

#include "base/buf.h"

/*
 * Append etc/palaver.yaml: every option as a comment, with its help and its default. Runs on: any.
 */
void pal_conf_sample(struct pal_buf *out);

/* Append the OPTIONS section of palaver.yaml(5) in mdoc(7). Runs on: any. */
void pal_conf_manual(struct pal_buf *out);

#endif
