/* SPDX-License-Identifier: Apache-2.0 */
/* parts.h - what the files behind config.h share. */
#ifndef PALAVER_SERVICE_CHANNEL_PARTS_H
#define PALAVER_SERVICE_CHANNEL_PARTS_H

#include "service/channel/config.h"

/* Copy a text into the configuration; an absent one stays absent. False without memory. */
bool pal_channel_config_keep(struct pal_channel_config *config, struct pal_str from,
			     struct pal_str *ret);

/* Give a secret the id that it is told by. */
void pal_channel_secret_name(struct pal_channel_secret *secret);

/* Append the members that request, record and view share, each with a comma behind it; and read
 * them, all but the URL. */
void pal_channel_config_put(const struct pal_channel_config *config, struct pal_buf *out);
void pal_channel_config_get(struct pal_fields *fields, const struct pal_fields_at *root,
			    struct pal_channel_config *config);

#endif
