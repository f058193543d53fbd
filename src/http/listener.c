/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listening sockets and accepting. libevent's own listener spins when descriptors run out; here one
 * descriptor is kept in reserve: it is given up to take the connection at the head of the queue and
 * close it, and the listener rests until the sweep tries again.
 */
#include "http/home.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "http/conn.h"

#define ACCEPTS_MAX 64		/* per event, so that connections get their turn */
#define PAUSE_NS 500000000	/* between attempts while descriptors are short */

/* --- Listening -------------------------------------------------------------------------------- */

static bool parse_address(const char *text, uint16_t port, struct sockaddr_storage *ret,
			  socklen_t *ret_len)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;

	memset(ret, 0, sizeof(*ret));
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		*ret_len = sizeof(*v4);
		return true;
	}
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		*ret_len = sizeof(*v6);
		return true;
	}
	return false;
}

static bool set_options(int fd, int family)
{
	const int on = 1;

	return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	       setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) == 0 &&
	       (family == AF_INET ||
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) == 0);
}

static uint16_t bound_port(int fd)
{
	struct sockaddr_storage bound;
	socklen_t len = sizeof(bound);

	if (getsockname(fd, (struct sockaddr *)&bound, &len) != 0)
		return 0;
	return ntohs(bound.ss_family == AF_INET ? ((struct sockaddr_in *)&bound)->sin_port
						: ((struct sockaddr_in6 *)&bound)->sin6_port);
}

/* With SO_REUSEPORT a second server of the same user would share the port in silence, and get some
 * of the connections. So ask first, with a socket that shares nothing. */
static bool is_free(const struct sockaddr_storage *where, socklen_t len)
{
	const int on = 1;
	int fd = socket(where->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return false;
	bool bound = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
		     (where->ss_family == AF_INET ||
		      setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) == 0) &&
		     bind(fd, (const struct sockaddr *)where, len) == 0;
	int saved = errno;
	close(fd);
	errno = saved;
	return bound;
}

static enum pal_code listen_on(struct pal_http_home *home, size_t i, struct pal_error *err)
{
	struct pal_http_server *server = home->server;
	struct pal_http_acceptor *acceptor = &home->acceptor[i];
	const char *address = server->listener[i].address;
	struct sockaddr_storage where;
	socklen_t len;

	if (!parse_address(address, server->port[i], &where, &len))
		return pal_fail(err, PAL_E_CONFIG, address, "not a numeric IPv4 or IPv6 address");
	bool is_first = home == &server->home[0];
	if (!is_first || is_free(&where, len))
		acceptor->fd = socket(where.ss_family,
				      SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (acceptor->fd < 0 || !set_options(acceptor->fd, where.ss_family) ||
	    bind(acceptor->fd, (struct sockaddr *)&where, len) != 0 ||
	    listen(acceptor->fd, (int)server->options.backlog) != 0)
		/* who has the address now may leave it: trying again is worth while */
		return pal_fail_errno(err, errno == EADDRINUSE ? PAL_E_SERVICE : PAL_E_CONFIG,
				      address, "cannot listen on port %u", server->port[i]);
	server->port[i] = bound_port(acceptor->fd);	/* the other loops share it */
	return PAL_OK;
}

enum pal_code pal_http_home_listen(struct pal_http_home *home, struct pal_error *err)
{
	for (size_t i = 0; i < home->server->options.listener_count; i++) {
		enum pal_code code = listen_on(home, i, err);
		if (code != PAL_OK)
			return code;
	}
	home->reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (home->reserve_fd < 0)
		return pal_fail_errno(err, PAL_E_SERVICE, "http", "cannot open /dev/null");
	return PAL_OK;
}

void pal_http_home_unlisten(struct pal_http_home *home)
{
	for (size_t i = 0; i < home->server->options.listener_count; i++) {
		struct pal_http_acceptor *acceptor = &home->acceptor[i];
		pal_loop_watch_destroy(acceptor->watch);
		acceptor->watch = NULL;
		if (acceptor->fd >= 0)
			close(acceptor->fd);
		acceptor->fd = -1;
	}
	if (home->reserve_fd >= 0)
		close(home->reserve_fd);
	home->reserve_fd = -1;
}

/* --- Accepting -------------------------------------------------------------------------------- */

static struct pal_http_peer peer_of(const struct sockaddr_storage *from)
{
	struct pal_http_peer peer = {.address = {[10] = 0xFF, [11] = 0xFF}};

	if (from->ss_family == AF_INET) {
		const struct sockaddr_in *v4 = (const struct sockaddr_in *)from;
		memcpy(peer.address + 12, &v4->sin_addr, 4);
		peer.port = ntohs(v4->sin_port);
	} else {
		const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)from;
		memcpy(peer.address, &v6->sin6_addr, 16);
		peer.port = ntohs(v6->sin6_port);
	}
	return peer;
}

static void turn_away(struct pal_http_acceptor *acceptor, int fd)
{
	pal_metric_add(acceptor->home->server->metric.turned_away, 1);
	if (acceptor->tls)
		close(fd);	/* no handshake for the sake of a refusal */
	else
		pal_http_conn_turn_away(acceptor->home, fd);
}

/* Count `fd` in, or turn it away. */
static void admit(struct pal_http_acceptor *acceptor, int fd, const struct sockaddr_storage *from)
{
	struct pal_http_home *home = acceptor->home;
	struct pal_http_server *server = home->server;
	const struct pal_http_options *options = pal_http_home_options(home);
	struct pal_http_peer peer = peer_of(from);
	bool exempt = options->is_exempt && options->is_exempt(&peer, options->app);
	uint32_t per_address = exempt ? 0 : options->connections_per_address_max;
	const int on = 1;

	if (atomic_fetch_add(&server->connections, 1) >= options->connections_max) {
		atomic_fetch_sub(&server->connections, 1);
		turn_away(acceptor, fd);
		return;
	}
	if (per_address &&
	    !pal_http_addresses_enter(server->addresses, peer.address, per_address)) {
		atomic_fetch_sub(&server->connections, 1);
		turn_away(acceptor, fd);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (pal_http_conn_open(home, fd, &peer, acceptor->tls, per_address != 0))
		return;
	if (per_address)
		pal_http_addresses_leave(server->addresses, peer.address);
	atomic_fetch_sub(&server->connections, 1);
}

static void set_paused(struct pal_http_acceptor *acceptor, bool paused)
{
	acceptor->paused = paused;
	pal_loop_watch_set(acceptor->watch, paused ? 0 : PAL_LOOP_READ);
}

/* Descriptors or memory for sockets ran out, which `errno` says. */
static void on_shortage(struct pal_http_acceptor *acceptor)
{
	static struct pal_log_limit limit = {.burst = 1, .interval_ms = 1000};
	struct pal_http_home *home = acceptor->home;
	uint32_t dropped;
	int saved = errno;

	if (home->reserve_fd >= 0) {
		close(home->reserve_fd);
		int fd = accept4(acceptor->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			close(fd);
		home->reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	}
	set_paused(acceptor, true);
	pal_metric_add(home->server->metric.pauses, 1);
	home->resume_ns = pal_http_home_tick(home) + PAUSE_NS;
	if (pal_log_limit_pass(&limit, &dropped))
		pal_log_warning("http", "cannot accept, resting for %d ms (%u more times): %s",
				PAUSE_NS / 1000000, dropped, strerror(saved));
}

static void on_acceptable(void *arg, unsigned ready)
{
	struct pal_http_acceptor *acceptor = arg;

	(void)ready;
	for (int i = 0; i < ACCEPTS_MAX; i++) {
		struct sockaddr_storage from;
		socklen_t len = sizeof(from);
		int fd = accept4(acceptor->fd, (struct sockaddr *)&from, &len,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			admit(acceptor, fd, &from);
		} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			   errno == ENOMEM) {
			on_shortage(acceptor);
			return;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			return;
		}
		/* Else one connection failed before it was accepted: on to the next. */
	}
}

void pal_http_home_accept(struct pal_http_home *home)
{
	for (size_t i = 0; i < home->server->options.listener_count; i++) {
		struct pal_http_acceptor *acceptor = &home->acceptor[i];
		acceptor->watch = pal_loop_watch_create(home->loop, acceptor->fd, on_acceptable,
							acceptor);
		if (!acceptor->watch || !pal_loop_watch_set(acceptor->watch, PAL_LOOP_READ))
			pal_log_critical("http", "no memory to accept on %s",
					 home->server->listener[i].address);
	}
}

void pal_http_home_resume(struct pal_http_home *home)
{
	if (home->now_ns < home->resume_ns)
		return;
	for (size_t i = 0; i < home->server->options.listener_count; i++)
		if (home->acceptor[i].paused)
			set_paused(&home->acceptor[i], false);
}
