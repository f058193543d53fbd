/* SPDX-License-Identifier: Apache-2.0 */
#include "token.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

static void append(struct token *token, const char *text, size_t n)
{
	if (token->n + n >= sizeof(token->text))
		abort();
	memcpy(token->text + token->n, text, n);
	token->n += n;
	token->text[token->n] = '\0';
}

void token_add(struct token *token, const void *bytes, size_t n)
{
	unsigned char *text = malloc(4 * n / 3 + 8);

	if (!text)
		abort();
	int len = EVP_EncodeBlock(text, bytes, (int)n);
	while (len > 0 && text[len - 1] == '=')
		len--;
	for (int i = 0; i < len; i++)
		text[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i];
	append(token, (const char *)text, (size_t)len);
	free(text);
}

static struct pal_str finish(struct token *token)
{
	uint8_t mac[32];
	unsigned len = 0;

	if (!HMAC(EVP_sha256(), TOKEN_SECRET, (int)strlen(TOKEN_SECRET),
		  (const unsigned char *)token->text, token->n, mac, &len))
		abort();
	append(token, ".", 1);
	token_add(token, mac, len);
	return (struct pal_str){token->text, token->n};
}

struct pal_str token_make(struct token *token, const char *header, const char *payload)
{
	token->n = 0;
	token_add(token, header, strlen(header));
	append(token, ".", 1);
	token_add(token, payload, strlen(payload));
	return finish(token);
}

struct pal_str token_sign(struct token *token, const char *signing_input)
{
	token->n = 0;
	append(token, signing_input, strlen(signing_input));
	return finish(token);
}
