/* SPDX-License-Identifier: Apache-2.0 */
#include "api/client.h"

#include <assert.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct pal_proxies {
	_Atomic bool any;		/* spares the lock where there is no proxy */
	pthread_rwlock_t lock;		/* guards the rest */
	size_t count;
	struct pal_network network[PAL_PROXIES_MAX];
};

struct pal_proxies *pal_proxies_create(void)
{
	struct pal_proxies *proxies = calloc(1, sizeof(*proxies));

	if (proxies && pthread_rwlock_init(&proxies->lock, NULL) != 0) {
		free(proxies);
		return NULL;
	}
	return proxies;
}

void pal_proxies_destroy(struct pal_proxies *proxies)
{
	if (!proxies)
		return;
	pthread_rwlock_destroy(&proxies->lock);
	free(proxies);
}

void pal_proxies_set(struct pal_proxies *proxies, const struct pal_network *networks, size_t count)
{
	assert(count <= PAL_PROXIES_MAX);
	pthread_rwlock_wrlock(&proxies->lock);
	if (count)
		memcpy(proxies->network, networks, count * sizeof(*networks));
	proxies->count = count;
	pthread_rwlock_unlock(&proxies->lock);
	atomic_store(&proxies->any, count > 0);
}

bool pal_proxies_have(struct pal_proxies *proxies, const struct pal_http_peer *peer)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6};
	bool found = false;

	if (!atomic_load_explicit(&proxies->any, memory_order_relaxed))
		return false;
	memcpy(&address.sin6_addr, peer->address, sizeof(address.sin6_addr));
	pthread_rwlock_rdlock(&proxies->lock);
	for (size_t i = 0; i < proxies->count && !found; i++)
		found = pal_network_has(&proxies->network[i], (const struct sockaddr *)&address);
	pthread_rwlock_unlock(&proxies->lock);
	return found;
}

/* The last element of the comma-separated `list`, without the blanks around it; `list` loses it. */
static struct pal_str take_last(struct pal_str *list)
{
	const char *comma = list->n ? memrchr(list->p, ',', list->n) : NULL;
	struct pal_str last = *list;

	if (comma) {
		last = (struct pal_str){comma + 1, list->n - (size_t)(comma + 1 - list->p)};
		list->n = (size_t)(comma - list->p);
	} else {
		*list = (struct pal_str){NULL, 0};
	}
	while (last.n && (*last.p == ' ' || *last.p == '\t')) {
		last.p++;
		last.n--;
	}
	while (last.n && (last.p[last.n - 1] == ' ' || last.p[last.n - 1] == '\t'))
		last.n--;
	return last;
}

static bool read_hop(struct pal_str text, struct pal_http_peer *ret)
{
	struct pal_network network;

	if (text.n == 0 || memchr(text.p, '/', text.n) ||
	    pal_network_read(text, &network, NULL) != PAL_OK)
		return false;
	*ret = (struct pal_http_peer){.port = 0};
	memcpy(ret->address, network.address, sizeof(ret->address));
	return true;
}

/* Walk one header line from its right end. True: `hop` is the answer, or the line is malformed. */
static bool walk_line(struct pal_proxies *proxies, struct pal_str line, struct pal_http_peer *hop,
		      bool *ret_malformed)
{
	while (line.p) {
		if (!read_hop(take_last(&line), hop)) {
			*ret_malformed = true;
			return true;
		}
		if (!pal_proxies_have(proxies, hop))
			return true;
	}
	return false;
}

struct pal_http_peer pal_client_of(struct pal_proxies *proxies,
				   const struct pal_http_request *request)
{
	const struct pal_str name = PAL_STR("x-forwarded-for");
	const struct pal_http_parser *parser = request->parser;
	struct pal_http_peer hop = request->peer;
	bool malformed = false, found = false;

	if (!pal_proxies_have(proxies, &request->peer) ||
	    !pal_http_request_header(request, PAL_HTTP_H_X_FORWARDED_FOR).p)
		return request->peer;
	/* several lines are one list (RFC 9110 section 5.3), so the last line comes first */
	for (unsigned i = parser->field_count; i > 0 && !found; i--) {
		const struct pal_http_field *field = &parser->field[i - 1];
		struct pal_str given = pal_http_span_str(request->data, field->name);
		struct pal_str line = pal_http_span_str(request->data, field->value);
		if (given.n == name.n && strncasecmp(given.p, name.p, name.n) == 0)
			found = walk_line(proxies, line, &hop, &malformed);
	}
	return malformed ? request->peer : hop;
}

struct pal_str pal_client_bytes(const struct pal_http_peer *client)
{
	static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};
	bool is_v4 = memcmp(client->address, mapped, sizeof(mapped)) == 0;

	return (struct pal_str){(const char *)client->address, is_v4 ? 16 : 8};
}
