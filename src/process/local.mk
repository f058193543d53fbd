# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/process/README.md
libpalaver_a_SOURCES += \
	src/process/analysis.c src/process/analysis.h \
	src/process/choice.c src/process/choice.h \
	src/process/lists.c src/process/lists.h \
	src/process/location.c src/process/location.h \
	src/process/media.c src/process/media.h \
	src/process/media_normal.c src/process/media_normal.h \
	src/process/media_safety.c src/process/media_safety.h \
	src/process/process.c src/process/process.h \
	src/process/text/chars.c src/process/text/chars.h \
	src/process/text/cld2.c src/process/text/cld2.h \
	src/process/text/digits.c src/process/text/digits.h \
	src/process/text/findings.c src/process/text/findings.h \
	src/process/text/intent.c src/process/text/intent.h \
	src/process/text/judge.c src/process/text/judge.h \
	src/process/text/keywords.c src/process/text/keywords.h \
	src/process/text/language.c src/process/text/language.h \
	src/process/text/lexicon.c src/process/text/lexicon.h \
	src/process/text/lexicon_data.c \
	src/process/text/links.c src/process/text/links.h \
	src/process/text/markup.c src/process/text/markup.h \
	src/process/text/normalise.c src/process/text/normalise.h \
	src/process/text/scan.c src/process/text/scan.h \
	src/process/text/shapes.c src/process/text/shapes.h \
	src/process/text/text.c src/process/text/text.h \
	src/process/text/words.c src/process/text/words.h
