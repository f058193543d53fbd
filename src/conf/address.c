/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#define V4_BITS_BEFORE 96	/* of ::ffff:0:0/96 */

/* Read up to `max` from 1..5 digits without leading zeros. */
static bool read_number(struct pal_str text, unsigned max, unsigned *ret)
{
	unsigned v = 0;

	if (text.n == 0 || text.n > 5 || (text.n > 1 && text.p[0] == '0'))
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		v = v * 10 + (unsigned)(text.p[i] - '0');
	}
	*ret = v;
	return v <= max;
}

static bool read_address(int family, struct pal_str text, void *ret)
{
	char copy[INET6_ADDRSTRLEN];

	if (text.n == 0 || text.n >= sizeof(copy) || memchr(text.p, '\0', text.n))
		return false;
	memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	return inet_pton(family, copy, ret) == 1;
}

static enum pal_code bad_endpoint(struct pal_str text, struct pal_error *err)
{
	return pal_fail(err, PAL_E_CONFIG, NULL,
			"`%.*s` is no address and port in numbers, such as 127.0.0.1:8001 or "
			"[::1]:8001",
			text.n > 80 ? 80 : (int)text.n, text.p);
}

enum pal_code pal_endpoint_read(struct pal_str text, struct sockaddr_storage *ret,
				socklen_t *ret_size, struct pal_error *err)
{
	const char *colon = text.n ? memrchr(text.p, ':', text.n) : NULL;
	unsigned port;

	if (!colon)
		return bad_endpoint(text, err);
	struct pal_str host = {text.p, (size_t)(colon - text.p)};
	struct pal_str tail = {colon + 1, text.n - host.n - 1};
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	if (!read_number(tail, 65535, &port))
		return bad_endpoint(text, err);
	memset(ret, 0, sizeof(*ret));
	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']' &&
	    read_address(AF_INET6, (struct pal_str){host.p + 1, host.n - 2}, &v6.sin6_addr)) {
		v6.sin6_port = htons((uint16_t)port);
		memcpy(ret, &v6, sizeof(v6));
		*ret_size = sizeof(v6);
	} else if (read_address(AF_INET, host, &v4.sin_addr)) {
		v4.sin_port = htons((uint16_t)port);
		memcpy(ret, &v4, sizeof(v4));
		*ret_size = sizeof(v4);
	} else {
		return bad_endpoint(text, err);
	}
	return PAL_OK;
}

bool pal_endpoint_is_loopback(const struct sockaddr_storage *endpoint)
{
	if (endpoint->ss_family == AF_INET) {
		struct sockaddr_in v4;
		memcpy(&v4, endpoint, sizeof(v4));
		return ntohl(v4.sin_addr.s_addr) >> 24 == 127;
	}
	struct sockaddr_in6 v6;
	memcpy(&v6, endpoint, sizeof(v6));
	return endpoint->ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
}

static const uint8_t v4_prefix[12] = {[10] = 0xFF, [11] = 0xFF};

static void put_v4(uint8_t out[16], const void *v4)
{
	memcpy(out, v4_prefix, sizeof(v4_prefix));
	memcpy(out + sizeof(v4_prefix), v4, 4);
}

static bool has_bits_beyond(const struct pal_network *network)
{
	for (unsigned bit = network->bits; bit < 128; bit++) {
		if (network->address[bit / 8] & (0x80u >> bit % 8))
			return true;
	}
	return false;
}

enum pal_code pal_network_read(struct pal_str text, struct pal_network *ret, struct pal_error *err)
{
	const char *slash = text.n ? memchr(text.p, '/', text.n) : NULL;
	struct pal_str host = {text.p, slash ? (size_t)(slash - text.p) : text.n};
	struct pal_network network = {0};
	struct in_addr v4;
	unsigned before = 0, bits = 0;
	bool fits = true;

	if (read_address(AF_INET, host, &v4)) {
		put_v4(network.address, &v4);
		before = V4_BITS_BEFORE;
	} else {
		fits = read_address(AF_INET6, host, network.address);
	}
	if (slash)
		fits = fits && read_number((struct pal_str){slash + 1, text.n - host.n - 1},
					   128 - before, &bits);
	else
		bits = 128 - before;
	if (!fits)
		return pal_fail(err, PAL_E_CONFIG, NULL,
				"`%.*s` is no network such as 10.0.0.0/8 or 2001:db8::/32",
				text.n > 80 ? 80 : (int)text.n, text.p);
	network.bits = (uint8_t)(before + bits);
	if (has_bits_beyond(&network))
		return pal_fail(err, PAL_E_CONFIG, NULL,
				"`%.*s` has bits set beyond its first %u", (int)text.n, text.p,
				bits);
	*ret = network;
	return PAL_OK;
}

bool pal_network_has(const struct pal_network *network, const struct sockaddr *peer)
{
	uint8_t address[16];

	if (peer->sa_family == AF_INET) {
		struct sockaddr_in v4;
		memcpy(&v4, peer, sizeof(v4));
		put_v4(address, &v4.sin_addr);
	} else if (peer->sa_family == AF_INET6) {
		struct sockaddr_in6 v6;
		memcpy(&v6, peer, sizeof(v6));
		memcpy(address, &v6.sin6_addr, sizeof(address));
	} else {
		return false;
	}
	unsigned whole = network->bits / 8, rest = network->bits % 8;
	if (memcmp(address, network->address, whole) != 0)
		return false;
	if (rest == 0)
		return true;
	return ((address[whole] ^ network->address[whole]) & (0xFF00u >> rest) & 0xFF) == 0;
}
