# SPDX-License-Identifier: Apache-2.0
# palaver.yaml and the schema are written by `make update-conf-docs`; the tests compare them with the option table.
EXTRA_DIST += etc/README.md etc/palaver.yaml \
	etc/palaverd.service.in etc/palaver.sysusers etc/palaver.tmpfiles etc/palaver.logrotate
pal_confdir = $(sysconfdir)/palaver
dist_pkgdata_DATA = etc/palaver.schema.json

systemdsystemunit_DATA = etc/palaverd.service
CLEANFILES += etc/palaverd.service
etc/palaverd.service: etc/palaverd.service.in Makefile
	@$(MKDIR_P) etc
	$(AM_V_GEN)$(SED) -e 's,@sbindir[@],$(sbindir),' -e 's,@bindir[@],$(bindir),' \
		-e 's,@sysconfdir[@],$(sysconfdir),' $(top_srcdir)/etc/palaverd.service.in >$@.tmp && mv $@.tmp $@

# What is installed under another name, or must not overwrite what is there.
pal_sysusersdir = $(prefix)/lib/sysusers.d
pal_tmpfilesdir = $(prefix)/lib/tmpfiles.d
pal_logrotatedir = $(sysconfdir)/logrotate.d

install-data-local: install-sample install-renamed
install-renamed:
	$(MKDIR_P) '$(DESTDIR)$(pal_sysusersdir)' '$(DESTDIR)$(pal_tmpfilesdir)' '$(DESTDIR)$(pal_logrotatedir)'
	$(INSTALL_DATA) $(top_srcdir)/etc/palaver.sysusers '$(DESTDIR)$(pal_sysusersdir)/palaver.conf'
	$(INSTALL_DATA) $(top_srcdir)/etc/palaver.tmpfiles '$(DESTDIR)$(pal_tmpfilesdir)/palaver.conf'
	$(INSTALL_DATA) $(top_srcdir)/etc/palaver.logrotate '$(DESTDIR)$(pal_logrotatedir)/palaver'
# A configuration that is there already belongs to its owner.
install-sample:
	$(MKDIR_P) '$(DESTDIR)$(pal_confdir)'
	test -e '$(DESTDIR)$(pal_confdir)/palaver.yaml' || \
		$(INSTALL_DATA) $(top_srcdir)/etc/palaver.yaml '$(DESTDIR)$(pal_confdir)/palaver.yaml'
uninstall-local: uninstall-sample uninstall-renamed
uninstall-renamed:
	rm -f '$(DESTDIR)$(pal_sysusersdir)/palaver.conf' '$(DESTDIR)$(pal_tmpfilesdir)/palaver.conf' \
		'$(DESTDIR)$(pal_logrotatedir)/palaver'
uninstall-sample:
	if cmp -s $(top_srcdir)/etc/palaver.yaml '$(DESTDIR)$(pal_confdir)/palaver.yaml'; then \
		rm -f '$(DESTDIR)$(pal_confdir)/palaver.yaml'; fi
	-rmdir '$(DESTDIR)$(pal_confdir)' 2>/dev/null

# The installed programs take the installed configuration, and what was installed agrees with itself.
installcheck-local:
	'$(DESTDIR)$(sbindir)/palaverd' -t -c '$(DESTDIR)$(pal_confdir)/palaver.yaml'
	'$(DESTDIR)$(bindir)/palaverctl' config check '$(DESTDIR)$(pal_confdir)/palaver.yaml'
	grep -q '^ExecStart=$(sbindir)/palaverd ' '$(DESTDIR)$(systemdsystemunitdir)/palaverd.service'
	for page in man8/palaverd.8 man1/palaverctl.1 man5/palaver.yaml.5; do \
		test -s '$(DESTDIR)$(mandir)'/$$page || exit 1; done
	for header in processor responder store; do \
		echo "#include <palaver/$$header.h>" | $(CC) -std=c11 -I'$(DESTDIR)$(pkgincludedir)' \
			-Werror -x c -fsyntax-only - || exit 1; done

.PHONY: install-sample install-renamed uninstall-sample uninstall-renamed
