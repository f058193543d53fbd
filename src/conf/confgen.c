/* SPDX-License-Identifier: Apache-2.0 */
/* confgen sample|manual|schema - print a document made from the option table. Not installed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/document.h"
#include "conf/schema.h"

static const struct {
	const char *name;
	void (*write)(struct pal_buf *out);
} documents[] = {
	{"sample", pal_conf_sample},
	{"manual", pal_conf_manual},
	{"schema", pal_conf_schema},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < sizeof(documents) / sizeof(documents[0]); i++) {
		if (strcmp(argv[1], documents[i].name) != 0)
			continue;
		struct pal_buf out = {0};
		documents[i].write(&out);
		size_t written = fwrite(out.data, 1, out.len, stdout);
		bool is_whole = !out.failed && written == out.len && fflush(stdout) == 0;
		pal_buf_deinit(&out);
		return is_whole ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	fprintf(stderr, "usage: confgen sample|manual|schema\n");
	return 2;
}
