/* SPDX-License-Identifier: Apache-2.0 */
#include "base/role.h"

_Thread_local unsigned pal_role_mask;
