/* SPDX-License-Identifier: Apache-2.0 */
/*
 * library.h - private to src/courier: libcurl, loaded when the first request leaves. It brings some
 * 25 libraries along, 5 MB of memory that a daemon without outgoing channels need not hold. Whoever
 * includes this calls libcurl's functions by their own names, after pal_library_load said true.
 */
#ifndef PALAVER_COURIER_LIBRARY_H
#define PALAVER_COURIER_LIBRARY_H

#include <stdbool.h>

#define CURL_DISABLE_TYPECHECK	/* its macros would call the functions by name */
#include <curl/curl.h>

/* Macros that only count arguments. */
#undef curl_easy_getinfo
#undef curl_easy_setopt
#undef curl_multi_setopt
#undef curl_share_setopt

#define PAL_LIBRARY_FUNCTIONS(X)                                                                   \
	X(easy_cleanup)                                                                            \
	X(easy_getinfo)                                                                            \
	X(easy_init)                                                                               \
	X(easy_setopt)                                                                             \
	X(global_init)                                                                             \
	X(multi_add_handle)                                                                        \
	X(multi_cleanup)                                                                           \
	X(multi_info_read)                                                                         \
	X(multi_init)                                                                              \
	X(multi_remove_handle)                                                                     \
	X(multi_setopt)                                                                            \
	X(multi_socket_action)                                                                     \
	X(share_cleanup)                                                                           \
	X(share_init)                                                                              \
	X(share_setopt)                                                                            \
	X(slist_append)                                                                            \
	X(slist_free_all)                                                                          \
	X(version_info)

struct pal_library {
#define X(name) __typeof__(&curl_##name) name;
	PAL_LIBRARY_FUNCTIONS(X)
#undef X
};

/* Filled by the first load that succeeds, and fixed from then on. */
extern struct pal_library pal_library;

/*
 * Load libcurl unless it is loaded; it then stays to the end. False when it cannot be, and a log
 * line says why. Runs on: any.
 */
bool pal_library_load(void);

#define curl_easy_cleanup pal_library.easy_cleanup
#define curl_easy_getinfo pal_library.easy_getinfo
#define curl_easy_init pal_library.easy_init
#define curl_easy_setopt pal_library.easy_setopt
#define curl_global_init pal_library.global_init
#define curl_multi_add_handle pal_library.multi_add_handle
#define curl_multi_cleanup pal_library.multi_cleanup
#define curl_multi_info_read pal_library.multi_info_read
#define curl_multi_init pal_library.multi_init
#define curl_multi_remove_handle pal_library.multi_remove_handle
#define curl_multi_setopt pal_library.multi_setopt
#define curl_multi_socket_action pal_library.multi_socket_action
#define curl_share_cleanup pal_library.share_cleanup
#define curl_share_init pal_library.share_init
#define curl_share_setopt pal_library.share_setopt
#define curl_slist_append pal_library.slist_append
#define curl_slist_free_all pal_library.slist_free_all
#define curl_version_info pal_library.version_info

#endif
