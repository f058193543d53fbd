# SPDX-License-Identifier: Apache-2.0
libpalaver_a_SOURCES += \
	src/conf/address.c src/conf/address.h \
	src/conf/check.c src/conf/check.h \
	src/conf/conf.h \
	src/conf/diff.c src/conf/diff.h \
	src/conf/environment.c src/conf/environment.h \
	src/conf/input.c src/conf/input.h \
	src/conf/load.c src/conf/load.h \
	src/conf/options.c src/conf/options.h \
	src/conf/report.c src/conf/report.h \
	src/conf/secret_file.c src/conf/secret_file.h \
	src/conf/setting.c src/conf/setting.h \
	src/conf/snapshot.c src/conf/snapshot.h \
	src/conf/spelling.c src/conf/spelling.h \
	src/conf/utf8.c src/conf/utf8.h \
	src/conf/value.c src/conf/value.h \
	src/conf/yaml.c src/conf/yaml.h \
	src/conf/yaml_settings.c src/conf/yaml_settings.h \
	src/conf/yaml_text.c src/conf/yaml_text.h
