# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/conf/README.md
libpalaver_a_SOURCES += \
	src/conf/address.c src/conf/address.h \
	src/conf/check.c src/conf/check.h \
	src/conf/conf.h \
	src/conf/describe.c src/conf/describe.h \
	src/conf/diff.c src/conf/diff.h \
	src/conf/document.c src/conf/document.h \
	src/conf/environment.c src/conf/environment.h \
	src/conf/input.c src/conf/input.h \
	src/conf/load.c src/conf/load.h \
	src/conf/options.c src/conf/options.h \
	src/conf/report.c src/conf/report.h \
	src/conf/schema.c src/conf/schema.h \
	src/conf/secret_file.c src/conf/secret_file.h \
	src/conf/setting.c src/conf/setting.h \
	src/conf/snapshot.c src/conf/snapshot.h \
	src/conf/token_key.c src/conf/token_key.h \
	src/conf/utf8.c src/conf/utf8.h \
	src/conf/value.c src/conf/value.h \
	src/conf/yaml.c src/conf/yaml.h \
	src/conf/yaml_settings.c src/conf/yaml_settings.h \
	src/conf/yaml_text.c src/conf/yaml_text.h

# Prints the documents that are made from the option table.
noinst_PROGRAMS += src/conf/confgen
src_conf_confgen_SOURCES = src/conf/confgen.c

update-conf-docs: src/conf/confgen$(EXEEXT)
	src/conf/confgen sample >sample.tmp && mv sample.tmp $(top_srcdir)/etc/palaver.yaml
	src/conf/confgen schema >schema.tmp && mv schema.tmp $(top_srcdir)/etc/palaver.schema.json
	src/conf/confgen manual >manual.tmp
	$(AWK) '/END OPTIONS/ { skip = 0 } !skip { print } \
		/BEGIN OPTIONS/ { while ((getline line < "manual.tmp") > 0) print line; skip = 1 }' \
		$(top_srcdir)/man/palaver.yaml.5 >page.tmp && \
		mv page.tmp $(top_srcdir)/man/palaver.yaml.5
	rm -f manual.tmp
.PHONY: update-conf-docs
