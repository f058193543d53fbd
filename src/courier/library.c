/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

#include "base/log.h"

#define NAME "libcurl.so.4"	/* of the ABI that the headers here describe */

struct pal_library pal_library;

static bool is_loaded;		/* set once */

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
#define X(name) {"curl_" #name, offsetof(struct pal_library, name)},
	PAL_LIBRARY_FUNCTIONS(X)
#undef X
};

static bool find_all(void *handle)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		void *found = dlsym(handle, functions[i].name);
		if (!found)
			return false;
		/* POSIX: a function's address is represented as that of an object. */
		memcpy((char *)&pal_library + functions[i].offset, &found, sizeof(found));
	}
	return true;
}

static void load(void)
{
	void *handle = dlopen(NAME, RTLD_NOW | RTLD_LOCAL);

	if (handle && find_all(handle))
		is_loaded = pal_library.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
	if (!is_loaded)
		pal_log_error("courier", "%s cannot be used, so nothing leaves: %s", NAME,
			      handle ? "it is not as expected" : dlerror());
}

bool pal_library_load(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load);
	return is_loaded;
}
