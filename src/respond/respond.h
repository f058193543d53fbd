/* SPDX-License-Identifier: Apache-2.0 */
/* respond.h - calls a responder and holds it to its contract. */
#ifndef PALAVER_RESPOND_RESPOND_H
#define PALAVER_RESPOND_RESPOND_H

#include "palaver/responder.h"

/*
 * Let `responder` answer `input` into `*ret`, which need not be initialised. A reply without a text
 * or a second request in one turn is the responder's fault: PAL_E_EXTERNAL naming it. Else as
 * struct pal_responder_ops says. Runs on: worker.
 */
enum pal_code pal_respond(const struct pal_responder *responder,
			  const struct pal_respond_input *input, struct pal_arena *arena,
			  struct pal_respond_result *ret, struct pal_error *err);

#endif
