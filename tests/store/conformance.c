/* SPDX-License-Identifier: Apache-2.0 */
#include "store/conformance.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/store.h"

static void open_store(struct stage *stage)
{
	struct pal_error err = {0};

	stage->store = NULL;
	if (stage->kind->open(stage->dir, &stage->store, &err) != PAL_OK) {
		fprintf(stderr, "# cannot open %s: %s: %s\n", stage->kind->name, err.subject,
			err.message);
		CU_FAIL_FATAL("the store cannot be opened");
	}
}

static void remove_folder(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	char name[512];

	CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
	while ((entry = readdir(dir)) != NULL) {
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		unlink(name);	/* not the two dots */
	}
	closedir(dir);
	CU_ASSERT_EQUAL(rmdir(path), 0);
}

void conformance_run(const struct conformance_kind *kind, void (*test)(struct stage *))
{
	struct stage stage = {.kind = kind};

	snprintf(stage.dir, sizeof(stage.dir), "/tmp/palaver-store-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(stage.dir));
	open_store(&stage);
	test(&stage);
	pal_store_destroy(stage.store);
	pal_arena_release(&stage.arena);
	remove_folder(stage.dir);
}

void stage_reopen(struct stage *stage)
{
	pal_store_destroy(stage->store);
	open_store(stage);
}
