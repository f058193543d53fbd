# SPDX-License-Identifier: Apache-2.0
# Written by `make update-conf-docs`; the tests compare them with the option table.
EXTRA_DIST += etc/palaver.yaml
pal_confdir = $(sysconfdir)/palaver
dist_pkgdata_DATA = etc/palaver.schema.json

# A configuration that is there already belongs to its owner.
install-data-local: install-sample
install-sample:
	$(MKDIR_P) '$(DESTDIR)$(pal_confdir)'
	test -e '$(DESTDIR)$(pal_confdir)/palaver.yaml' || \
		$(INSTALL_DATA) $(top_srcdir)/etc/palaver.yaml '$(DESTDIR)$(pal_confdir)/palaver.yaml'
uninstall-local: uninstall-sample
uninstall-sample:
	if cmp -s $(top_srcdir)/etc/palaver.yaml '$(DESTDIR)$(pal_confdir)/palaver.yaml'; then \
		rm -f '$(DESTDIR)$(pal_confdir)/palaver.yaml'; fi
	-rmdir '$(DESTDIR)$(pal_confdir)' 2>/dev/null
.PHONY: install-sample uninstall-sample
