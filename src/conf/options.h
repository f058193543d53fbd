/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.h - the one table of options. Parser, environment names, -T dump, sample file, manual,
 * JSON Schema and `palaverctl config explain` are made from it or checked against it.
 */
#ifndef PALAVER_CONF_OPTIONS_H
#define PALAVER_CONF_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum pal_option_type {
	PAL_OPTION_STRING,	/* min..max: bytes */
	PAL_OPTION_BOOL,	/* true/false, yes/no, on/off */
	PAL_OPTION_INT,
	PAL_OPTION_SIZE,	/* bytes; 64KiB, 1MB */
	PAL_OPTION_DURATION,	/* milliseconds; 500ms 10s 5m 1h 1d */
	PAL_OPTION_ENUM,	/* the index of the word in `choices` */
	PAL_OPTION_PATH,	/* absolute once loaded; min..max: bytes */
	PAL_OPTION_LIST,	/* of strings; min..max: items */
};

/* What each text of a STRING or LIST must look like. */
enum pal_option_format {
	PAL_FORMAT_ANY,
	PAL_FORMAT_ENDPOINT,	/* 127.0.0.1:8001, [::1]:8001 */
	PAL_FORMAT_NETWORK,	/* 10.0.0.0/8, 2001:db8::/32, one address */
	PAL_FORMAT_TOKEN_KEY,	/* conf/token_key.h */
	PAL_FORMAT_ORIGIN,	/* https://console.example.org, or * for any */
};

/* Whom a changed option concerns. One bit each, so that a reload is a set of them. */
enum pal_reload {
	PAL_RELOAD_RESTART = 1 << 0,	/* takes effect at the next start */
	PAL_RELOAD_LOG = 1 << 1,
	PAL_RELOAD_HTTP = 1 << 2,
	PAL_RELOAD_TLS = 1 << 3,
	PAL_RELOAD_AUTH = 1 << 4,
	PAL_RELOAD_LIMITS = 1 << 5,
	PAL_RELOAD_CONVERSATION = 1 << 6,
	PAL_RELOAD_PROCESS = 1 << 7,
	PAL_RELOAD_SERVER = 1 << 8,
	PAL_RELOAD_SESSION = 1 << 9,
	PAL_RELOAD_DELIVERY = 1 << 10,
};

#define PAL_KIB(n) ((int64_t)(n) << 10)
#define PAL_MIB(n) ((int64_t)(n) << 20)
#define PAL_GIB(n) ((int64_t)(n) << 30)
#define PAL_SEC(n) ((int64_t)(n) * 1000)
#define PAL_MIN(n) PAL_SEC((n) * 60)
#define PAL_HOUR(n) PAL_MIN((n) * 60)

/*
 * Rows: identifier, key, type, what else the type needs (one designated initialiser), least, most,
 * default, reload scope, help. In a default, {state_dir}, {localstatedir}, {tmp} and {uid} are
 * filled in at load; nothing is ever expanded in a value a user writes. Keys of one section stay
 * together.
 */
#define PAL_OPTIONS(X)                                                                             \
	X(ENVIRONMENT, "environment", ENUM, .choices = "development|staging|production|testing",   \
	  0, 3, "development", RESTART,                                                            \
	  "Kind of deployment. Staging and production refuse weak secrets.")                       \
	X(DEBUG, "debug", BOOL, .format = PAL_FORMAT_ANY, 0, 1, "false", RESTART,                  \
	  "Whether log.level debug goes without saying. Production refuses it: such logs show "    \
	  "what people do.")                                                                       \
	X(STATE_DIR, "state_dir", PATH, .format = PAL_FORMAT_ANY, 1, 4096,                         \
	  "{localstatedir}/lib/palaver", RESTART,                                                  \
	  "Folder that keeps the database, the control socket and keys. The default is "           \
	  "$STATE_DIRECTORY where systemd sets it, and a temporary folder under --dev.")           \
	X(PID_FILE, "pid_file", PATH, .format = PAL_FORMAT_ANY, 0, 4096, "", RESTART,              \
	  "Process id file, written and locked once the sockets are open. Empty: none.")           \
	X(HTTP_LISTEN, "http.listen", LIST, .format = PAL_FORMAT_ENDPOINT, 0, 16,                  \
	  "127.0.0.1:8001", RESTART,                                                               \
	  "Addresses that serve plain HTTP, in numbers: 127.0.0.1:8001, \"[::1]:8001\". "          \
	  "Port 0 takes any free one.")                                                            \
	X(HTTP_LOOPS, "http.loops", INT, .format = PAL_FORMAT_ANY, 0, 4, "0", RESTART,             \
	  "Event loop threads. 0: one for each core, at most 4.")                                  \
	X(HTTP_MAX_CONNECTIONS, "http.max_connections", INT, .format = PAL_FORMAT_ANY, 16,         \
	  1000000, "32768", HTTP, "Connections open at once. More wait in the kernel.")            \
	X(HTTP_MAX_CONNECTIONS_PER_ADDRESS, "http.max_connections_per_address", INT,               \
	  .format = PAL_FORMAT_ANY, 0, 1000000, "1024", HTTP,                                      \
	  "Connections open at once from one address that is no trusted proxy. 0: no such cap, "   \
	  "which is the default under --dev.")                                                     \
	X(HTTP_BODY_MAX, "http.body_max", SIZE, .format = PAL_FORMAT_ANY, PAL_KIB(1), PAL_MIB(64), \
	  "256KiB", HTTP, "Largest request body.")                                                 \
	X(HTTP_HEADER_TIMEOUT, "http.header_timeout", DURATION, .format = PAL_FORMAT_ANY, 100,     \
	  PAL_MIN(5), "10s", HTTP,                                                                 \
	  "Time from the first byte of a request to the end of its headers.")                      \
	X(HTTP_REQUEST_TIMEOUT, "http.request_timeout", DURATION, .format = PAL_FORMAT_ANY, 1000,  \
	  PAL_MIN(5), "30s", HTTP, "Time from the first byte of a request to its answer.")         \
	X(HTTP_KEEPALIVE_TIMEOUT, "http.keepalive_timeout", DURATION, .format = PAL_FORMAT_ANY,    \
	  1000, PAL_HOUR(1), "75s", HTTP, "Time a connection may stay idle between requests.")     \
	X(HTTP_WRITE_TIMEOUT, "http.write_timeout", DURATION, .format = PAL_FORMAT_ANY, 1000,      \
	  PAL_MIN(10), "30s", HTTP, "Time a client may take to read an answer.")                   \
	X(HTTP_MIN_BODY_RATE, "http.min_body_rate", SIZE, .format = PAL_FORMAT_ANY, 0, PAL_MIB(1), \
	  "256", HTTP, "Bytes a second below which a request body is given up. 0: no such rule.")  \
	X(HTTP_TRUSTED_PROXIES, "http.trusted_proxies", LIST, .format = PAL_FORMAT_NETWORK, 0, 64, \
	  "", HTTP, "Networks whose X-Forwarded-For is believed, such as 10.0.0.0/8.")             \
	X(TLS_LISTEN, "tls.listen", LIST, .format = PAL_FORMAT_ENDPOINT, 0, 16, "", RESTART,       \
	  "Addresses that serve HTTPS, written as in http.listen.")                                \
	X(TLS_CERTIFICATE_FILE, "tls.certificate_file", PATH, .format = PAL_FORMAT_ANY, 0, 4096,   \
	  "", TLS, "Certificate chain in PEM, the server's own certificate first.")                \
	X(TLS_KEY_FILE, "tls.key_file", PATH, .format = PAL_FORMAT_ANY, 0, 4096, "", TLS,          \
	  "Private key of the certificate, in PEM.")                                               \
	X(AUTH_REQUIRE_TENANT_HEADER, "auth.require_tenant_header", BOOL,                          \
	  .format = PAL_FORMAT_ANY, 0, 1, "false", AUTH,                                           \
	  "Whether a request without X-Tenant-ID is refused although its credential names the "    \
	  "tenant.")                                                                               \
	X(AUTH_JWT_ALGORITHM, "auth.jwt.algorithm", ENUM,                                          \
	  .choices = "none|HS256|RS256|ES256|EdDSA", 0, 4, "none", AUTH,                           \
	  "The one algorithm of tokens whose kid names no key of auth.jwt.keys. none: no such "    \
	  "token is accepted.")                                                                    \
	X(AUTH_JWT_SECRET, "auth.jwt.secret", STRING, .secret = true, 32, 4096, "", AUTH,          \
	  "Key that signs HS256 tokens, at least 32 bytes.")                                       \
	X(AUTH_JWT_PUBLIC_KEY_FILE, "auth.jwt.public_key_file", PATH, .format = PAL_FORMAT_ANY, 0, \
	  4096, "", AUTH, "Public key in PEM that RS256, ES256 or EdDSA tokens are checked with.") \
	X(AUTH_JWT_KEYS, "auth.jwt.keys", LIST, .format = PAL_FORMAT_TOKEN_KEY, 0, 16, "", AUTH,   \
	  "More keys, each with its kid and its one algorithm (HS256, RS256, ES256, EdDSA), and "  \
	  "secret_file, public_key, public_key_file or, instead of the kid, jwks_file: "           \
	  "{kid: a, algorithm: RS256, public_key_file: a.pem}. The files are read again at a "     \
	  "reload.")                                                                               \
	X(AUTH_JWT_ISSUER, "auth.jwt.issuer", STRING, .format = PAL_FORMAT_ANY, 1, 255,            \
	  "chatbot-platform", AUTH, "Required value of the iss claim.")                            \
	X(AUTH_JWT_AUDIENCE, "auth.jwt.audience", STRING, .format = PAL_FORMAT_ANY, 1, 255,        \
	  "chatbot-api", AUTH, "Required value of the aud claim.")                                 \
	X(AUTH_JWT_LEEWAY, "auth.jwt.leeway", DURATION, .format = PAL_FORMAT_ANY, 0, PAL_MIN(10),  \
	  "30s", AUTH, "Clock difference forgiven when exp and nbf are checked.")                  \
	X(CORS_ALLOWED_ORIGINS, "cors.allowed_origins", LIST, .format = PAL_FORMAT_ORIGIN, 0, 64,  \
	  "", AUTH,                                                                                \
	  "Origins whose pages may call the API from a browser, such as "                          \
	  "https://console.example.org. * allows any, without credentials; staging and "           \
	  "production refuse it.")                                                                 \
	X(CORS_ALLOW_CREDENTIALS, "cors.allow_credentials", BOOL, .format = PAL_FORMAT_ANY, 0, 1,  \
	  "false", AUTH, "Whether a listed origin may send cookies and HTTP authentication.")      \
	X(CORS_MAX_AGE, "cors.max_age", DURATION, .format = PAL_FORMAT_ANY, 0, PAL_HOUR(24),       \
	  "10m", AUTH, "Time a browser may remember the answer to a preflight.")                   \
	X(LIMITS_ENABLED, "limits.enabled", BOOL, .format = PAL_FORMAT_ANY, 0, 1, "true", LIMITS,  \
	  "Whether requests are counted and limited at all.")                                      \
	X(LIMITS_ALGORITHM, "limits.algorithm", ENUM,                                              \
	  .choices = "sliding_window|token_bucket|fixed_window", 0, 2, "sliding_window", LIMITS,   \
	  "How requests are counted. sliding_window: never more than the limit in any span of "    \
	  "that length. token_bucket: as many a minute on average, and limits.burst times as "     \
	  "many at once; hours and days slide. fixed_window: anew with every minute, hour and "    \
	  "day of the clock. A change forgets what was counted.")                                  \
	X(LIMITS_BURST, "limits.burst", INT, .format = PAL_FORMAT_ANY, 1, 100, "2", LIMITS,        \
	  "How many times the limit of a minute a token bucket holds.")                            \
	PAL_OPTIONS_WINDOWS(X, LIMITS_TIERS_BASIC, "limits.tiers.basic", "60", "1000", "10000",    \
			    "one user of the basic tier, or one anonymous address")                \
	PAL_OPTIONS_WINDOWS(X, LIMITS_TIERS_STANDARD, "limits.tiers.standard", "200", "5000",      \
			    "50000", "one user of the standard tier")                              \
	PAL_OPTIONS_WINDOWS(X, LIMITS_TIERS_PREMIUM, "limits.tiers.premium", "1000", "20000",      \
			    "200000", "one user of the premium tier")                              \
	PAL_OPTIONS_WINDOWS(X, LIMITS_TIERS_ENTERPRISE, "limits.tiers.enterprise", "5000",         \
			    "100000", "1000000", "one user of the enterprise tier")                \
	PAL_OPTIONS_WINDOWS(X, LIMITS_API_KEY, "limits.api_key", "2000", "50000", "500000",        \
			    "one API key that has no limit of its own")                            \
	X(WORKERS_THREADS, "workers.threads", INT, .format = PAL_FORMAT_ANY, 0, 64, "0", RESTART,  \
	  "Threads that run conversation turns. 0: the event loop threads run them.")              \
	X(WORKERS_BATCH, "workers.batch", INT, .format = PAL_FORMAT_ANY, 1, 1024, "64",            \
	  CONVERSATION, "Messages one turn takes from a conversation at most.")                    \
	X(CONVERSATION_MAILBOX, "conversation.mailbox", INT, .format = PAL_FORMAT_ANY, 1, 65536,   \
	  "256", RESTART, "Messages that may wait for one conversation. More are refused.")   \
	X(CONVERSATION_LIVE_MAX, "conversation.live_max", INT, .format = PAL_FORMAT_ANY, 16,       \
	  10000000, "200000", CONVERSATION, "Conversations kept in memory at once.")               \
	X(CONVERSATION_MEMORY_MAX, "conversation.memory_max", SIZE, .format = PAL_FORMAT_ANY,      \
	  PAL_MIB(1), PAL_GIB(1024), "256MiB", CONVERSATION,                                       \
	  "Memory for live conversations. The longest idle ones leave first.")                     \
	X(CONVERSATION_IDLE_TIMEOUT, "conversation.idle_timeout", DURATION,                        \
	  .format = PAL_FORMAT_ANY, 1000, PAL_HOUR(24), "10m", CONVERSATION,                       \
	  "Time without a message after which a conversation leaves memory.")                      \
	X(CONVERSATION_IDLE_MINUTES, "conversation.idle_minutes", INT, .format = PAL_FORMAT_ANY,   \
	  0, 525600, "1440", CONVERSATION,                                                         \
	  "Minutes without a message after which an active conversation is abandoned. 0: never.")  \
	X(CONVERSATION_STRICT_ID, "conversation.strict_id", BOOL, .format = PAL_FORMAT_ANY, 0, 1,  \
	  "false", CONVERSATION,                                                                   \
	  "Whether a message for an unknown conversation is refused instead of starting it.")      \
	X(MESSAGES_REJECT_SKEWED_TIMESTAMPS, "messages.reject_skewed_timestamps", BOOL,            \
	  .format = PAL_FORMAT_ANY, 0, 1, "false", CONVERSATION,                                   \
	  "Whether a message whose timestamp is more than 24 hours from the server's clock is "    \
	  "refused. Otherwise it is kept with a warning; nothing is ordered by it.")               \
	X(MEDIA_TYPES, "media.types", LIST,                                                        \
	  .choices = "standard|image/jpeg|image/png|image/gif|image/webp|image/bmp|image/heic|"    \
		     "video/mp4|video/quicktime|video/webm|video/x-msvideo|audio/mpeg|audio/wav|"  \
		     "audio/ogg|audio/mp4|audio/webm|audio/flac|audio/aac|application/pdf|"        \
		     "text/plain|text/csv|application/json|application/msword|"                    \
		     "application/vnd.ms-excel|application/vnd.ms-powerpoint|"                     \
		     "application/vnd.openxmlformats-officedocument.wordprocessingml.document|"    \
		     "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet|"          \
		     "application/vnd.openxmlformats-officedocument.presentationml.presentation",  \
	  0, 32, "standard", PROCESS,                                                              \
	  "MIME types that media may have. standard: jpeg, png, gif, webp; mp4 and quicktime; "    \
	  "mpeg, wav and ogg audio; pdf, plain text, csv and the Office Open XML documents.")      \
	X(MEDIA_SIZE_MAX, "media.size_max", SIZE, .format = PAL_FORMAT_ANY, PAL_KIB(1),            \
	  PAL_GIB(2), "50MiB", PROCESS, "Largest size that media may say to have.")                \
	X(MEDIA_BLOCK_EXECUTABLE_FILES, "media.block_executable_files", BOOL,                      \
	  .format = PAL_FORMAT_ANY, 0, 1, "true", PROCESS,                                         \
	  "Whether media whose name ends like that of a program is refused. Otherwise it is "      \
	  "taken and flagged.")                                                                    \
	X(MODERATION_BLOCK, "moderation.block", LIST,                                              \
	  .choices = "potential_spam|excessive_caps|excessive_punctuation|potential_pii|"          \
		     "potential_pii_ssn|potential_pii_credit_card|dangerous_extension|"            \
		     "suspicious_domain|ip_address_url|shortened_url|path_traversal|"              \
		     "private_address",                                                            \
	  0, 16, "", PROCESS,                                                                      \
	  "Safety flags that hold the automatic reply back until a person has looked. The others " \
	  "are only noted.")                                                                       \
	X(SESSION_DEFAULT_HOURS, "session.default_hours", INT, .format = PAL_FORMAT_ANY, 1, 24,    \
	  "2", SESSION, "Hours a session lives, unless it asks for another time.")                 \
	X(SESSION_MAX_HOURS, "session.max_hours", INT, .format = PAL_FORMAT_ANY, 1, 24, "24",      \
	  SESSION, "Hours a session lives at most, however often it is extended.")                 \
	X(SESSION_CLEANUP_INTERVAL, "session.cleanup_interval", DURATION,                          \
	  .format = PAL_FORMAT_ANY, 1000, PAL_HOUR(24), "60s", SESSION,                            \
	  "Time between removals of the sessions that are over.")                                  \
	X(SESSION_AUTO_CREATE, "session.auto_create", BOOL, .format = PAL_FORMAT_ANY, 0, 1,        \
	  "false", SESSION,                                                                        \
	  "Whether a message that begins a conversation and names no session begins one.")         \
	X(AUDIT_RETENTION_DAYS, "audit.retention_days", INT, .format = PAL_FORMAT_ANY, 0, 36500,   \
	  "365", RESTART,                                                                          \
	  "Days that the records of the audit trail are kept; 0: for ever. A tenant's own "       \
	  "retention_days wins. What is pruned is written to the trail, which is proven from "    \
	  "there on.")                                  \
	X(PROCESS_LANGUAGE_DETECTOR, "process.language_detector", ENUM,                            \
	  .choices = "auto|cld2|builtin", 0, 2, "auto", PROCESS,                                   \
	  "Who tells a text's language. auto: CLD2 where it was built in.")                        \
	X(COURIER_MAX_IN_FLIGHT, "courier.max_in_flight", INT, .format = PAL_FORMAT_ANY, 1, 4096,  \
	  "512", RESTART, "Outgoing requests on the wire at once.")                                \
	X(COURIER_MAX_PER_HOST, "courier.max_per_host", INT, .format = PAL_FORMAT_ANY, 1, 1024,    \
	  "32", RESTART, "Outgoing requests at once of one tenant to one host and port.")          \
	X(COURIER_MAX_PER_TENANT, "courier.max_per_tenant", INT, .format = PAL_FORMAT_ANY, 1, 4096, \
	  "64", RESTART, "Outgoing requests at once of one tenant.")                               \
	X(COURIER_QUEUE_MAX, "courier.queue_max", INT, .format = PAL_FORMAT_ANY, 16, 1000000,      \
	  "8192", RESTART,                                                                         \
	  "Outgoing requests that may wait or be on the wire. A quarter may wait for one host.")   \
	X(COURIER_CONNECT_TIMEOUT, "courier.connect_timeout", DURATION, .format = PAL_FORMAT_ANY,  \
	  100, PAL_SEC(30), "5s", RESTART,                                                         \
	  "Time to connect to a receiver, its name and TLS included.")                             \
	X(COURIER_REQUEST_TIMEOUT, "courier.request_timeout", DURATION, .format = PAL_FORMAT_ANY,  \
	  1000, PAL_MIN(2), "30s", RESTART,                                                        \
	  "Time of an outgoing request in all, and the longest it waits to be sent.")              \
	X(COURIER_IDLE_TIMEOUT, "courier.idle_timeout", DURATION, .format = PAL_FORMAT_ANY, 1000,  \
	  PAL_MIN(10), "60s", RESTART,                                                             \
	  "Time a connection to a receiver stays open without a request.")                         \
	X(COURIER_ALLOW_HTTP, "courier.allow_http", BOOL, .format = PAL_FORMAT_ANY, 0, 1, "false", \
	  RESTART, "Whether receivers may have http URLs. Otherwise only https is sent to.")       \
	X(COURIER_ALLOW_NETWORKS, "courier.allow_networks", LIST, .format = PAL_FORMAT_NETWORK, 0, \
	  64, "", RESTART,                                                                         \
	  "Networks that receivers may be in although they are private, such as 10.0.0.0/8. "      \
	  "All other addresses of private, local or reserved networks are refused.")               \
	X(COURIER_USER_AGENT, "courier.user_agent", STRING, .format = PAL_FORMAT_ANY, 0, 128, "",  \
	  RESTART, "How outgoing requests name themselves. Empty: palaver and its version.")       \
	X(COURIER_CA_FILE, "courier.ca_file", PATH, .format = PAL_FORMAT_ANY, 0, 4096, "", RESTART, \
	  "Authorities in PEM that receivers' certificates are checked by. Empty: the system's.")  \
	X(DELIVERY_MAX_IN_FLIGHT, "delivery.max_in_flight", INT, .format = PAL_FORMAT_ANY, 1,      \
	  65536, "2048", DELIVERY, "Deliveries at work at once, from their record to its result.") \
	X(DELIVERY_MAX_PER_ENDPOINT, "delivery.max_per_endpoint", INT, .format = PAL_FORMAT_ANY,   \
	  1, 65536, "256", DELIVERY,                                                               \
	  "Of these, deliveries of one tenant by one channel. A receiver that never answers "      \
	  "holds no more.")                                                                        \
	X(DELIVERY_BACKOFF_MAX, "delivery.backoff_max", DURATION, .format = PAL_FORMAT_ANY, 1000,  \
	  PAL_HOUR(24), "5m", DELIVERY,                                                            \
	  "Longest wait before a delivery is tried again. The shortest is the channel's "          \
	  "retry_delay_seconds; it doubles each time.")                                            \
	X(DELIVERY_BREAKER_FAILURES, "delivery.breaker_failures", INT, .format = PAL_FORMAT_ANY,   \
	  1, 16, "5", RESTART,                                                                     \
	  "Failures in a row within five minutes after which an endpoint is left alone.")          \
	X(DELIVERY_BREAKER_OPEN, "delivery.breaker_open", DURATION, .format = PAL_FORMAT_ANY, 100, \
	  PAL_HOUR(1), "60s", RESTART,                                                             \
	  "How long it is left alone before one delivery tries it again.")                         \
	X(DELIVERY_DRAIN_TIMEOUT, "delivery.drain_timeout", DURATION, .format = PAL_FORMAT_ANY, 0, \
	  PAL_MIN(2), "5s", RESTART,                                                               \
	  "Time that requests on the wire get to end when the daemon stops.")                      \
	X(STORE_KIND, "store.kind", ENUM, .choices = "memory|sqlite", 0, 1, "sqlite", RESTART,     \
	  "Where messages are kept. memory forgets everything when the daemon stops.")             \
	X(STORE_QUEUE_MAX, "store.queue_max", INT, .format = PAL_FORMAT_ANY, 1, 1000000, "4096",   \
	  RESTART, "Turns that may wait for the store. More are refused.")                         \
	X(STORE_SQLITE_PATH, "store.sqlite.path", PATH, .format = PAL_FORMAT_ANY, 1, 4096,         \
	  "{state_dir}/palaver.db", RESTART, "Database file.")                                     \
	X(STORE_SQLITE_SYNCHRONOUS, "store.sqlite.synchronous", ENUM, .choices = "full|normal", 0, \
	  1, "full", RESTART,                                                                      \
	  "full: an accepted message survives a power cut. normal may lose the last ones; it is "  \
	  "for measurements.")                                                                     \
	X(STORE_SQLITE_READERS, "store.sqlite.readers", INT, .format = PAL_FORMAT_ANY, 1, 16, "2", \
	  RESTART, "Threads that read from the database.")                                         \
	X(STORE_SQLITE_CACHE_SIZE, "store.sqlite.cache_size", SIZE, .format = PAL_FORMAT_ANY,      \
	  PAL_MIB(1), PAL_GIB(64), "4MiB", RESTART,                                                 \
	  "Page cache of the writing connection. Each reading one has a quarter of it.")            \
	X(STORE_SQLITE_CHECKPOINT_PAGES, "store.sqlite.checkpoint_pages", INT,                     \
	  .format = PAL_FORMAT_ANY, 100, 1000000, "250", RESTART,                                  \
	  "Pages of 8 KiB in the write-ahead log after which it is copied into the database. "     \
	  "More are fewer but longer pauses.")                                                     \
	X(LOG_LEVEL, "log.level", ENUM, .choices = "debug|info|warning|error|critical", 0, 4,      \
	  "info", LOG, "Least severe lines to write.")                                             \
	X(LOG_FORMAT, "log.format", ENUM, .choices = "auto|plain|logfmt|json", 0, 3, "auto", LOG,  \
	  "auto: plain on a terminal, logfmt under journald, JSON lines elsewhere.")               \
	X(LOG_FILE, "log.file", PATH, .format = PAL_FORMAT_ANY, 0, 4096, "", LOG,                  \
	  "File to append to, opened again on SIGUSR1. Empty: standard error.")                    \
	X(METRICS_ENABLED, "metrics.enabled", BOOL, .format = PAL_FORMAT_ANY, 0, 1, "true", HTTP,  \
	  "Whether /metrics answers.")                                                             \
	X(CONTROL_SOCKET, "control.socket", PATH, .format = PAL_FORMAT_ANY, 1, 107,                \
	  "{state_dir}/palaverd.sock", RESTART, "Unix socket that palaverctl talks to.")           \
	X(SHUTDOWN_DRAIN_TIMEOUT, "shutdown.drain_timeout", DURATION, .format = PAL_FORMAT_ANY, 0, \
	  PAL_MIN(10), "30s", SERVER,                                                              \
	  "Time to finish what is in flight after SIGTERM or SIGINT.")

/* The three windows of one limit (domain.md section 6.3), always in this order. */
#define PAL_OPTIONS_WINDOWS(X, id, key, minute, hour, day, whose)                                  \
	X(id##_PER_MINUTE, key ".per_minute", INT, .format = PAL_FORMAT_ANY, 1, 1000000000,        \
	  minute, LIMITS, "Requests a minute of " whose ".")                                       \
	X(id##_PER_HOUR, key ".per_hour", INT, .format = PAL_FORMAT_ANY, 1, 1000000000, hour,      \
	  LIMITS, "Requests an hour of " whose ".")                                                \
	X(id##_PER_DAY, key ".per_day", INT, .format = PAL_FORMAT_ANY, 1, 1000000000, day, LIMITS, \
	  "Requests a day of " whose ".")

/* Defaults that --dev replaces. */
#define PAL_OPTIONS_DEV(X)                                                                         \
	X(LIMITS_ENABLED, "false")                                                                 \
	X(STATE_DIR, "{tmp}/palaver-dev-{uid}")                                                    \
	X(HTTP_MAX_CONNECTIONS_PER_ADDRESS, "0")

enum pal_option {
#define X(id, ...) PAL_OPT_##id,
	PAL_OPTIONS(X)
#undef X
	PAL_OPT_COUNT
};

/*
 * Meanings of the ENUM values that other rooms branch on; log.level and log.format are
 * base/log.h's.
 */
enum pal_conf_environment {
	PAL_CONF_DEVELOPMENT,
	PAL_CONF_STAGING,
	PAL_CONF_PRODUCTION,
	PAL_CONF_TESTING,
};
enum pal_conf_store { PAL_CONF_STORE_MEMORY, PAL_CONF_STORE_SQLITE };
enum pal_conf_synchronous { PAL_CONF_SYNCHRONOUS_FULL, PAL_CONF_SYNCHRONOUS_NORMAL };
enum pal_conf_jwt {
	PAL_CONF_JWT_NONE,
	PAL_CONF_JWT_HS256,
	PAL_CONF_JWT_RS256,
	PAL_CONF_JWT_ES256,
	PAL_CONF_JWT_EDDSA,
};
enum pal_conf_detector {
	PAL_CONF_DETECTOR_AUTO,
	PAL_CONF_DETECTOR_CLD2,
	PAL_CONF_DETECTOR_BUILTIN,
};

#define PAL_OPTION_KEY_MAX 64	/* bytes, with NUL */

/* A row of the table. */
struct pal_option_desc {
	const char *key;
	const char *default_text;
	const char *help;
	const char *choices;		/* ENUM, and a LIST of such: words joined by '|' */
	int64_t min, max;
	enum pal_option_type type;
	enum pal_option_format format;
	enum pal_reload reload;
	bool secret;			/* masked, never on argv; `key`_file exists too */
};

/* The row of `option`. Runs on: any. */
const struct pal_option_desc *pal_option_get(enum pal_option option);

/* What --dev uses instead of the default, or NULL where it changes nothing. Runs on: any. */
const char *pal_option_dev_default(enum pal_option option);

/*
 * The option called `key`, or PAL_OPT_COUNT. `key` may also be that of a secret followed by
 * "_file"; *ret_is_file then becomes true. Runs on: any.
 */
enum pal_option pal_option_find(struct pal_str key, bool *ret_is_file);

/* Whether `key` is the beginning, up to a dot, of some option's key. Runs on: any. */
bool pal_option_is_section(struct pal_str key);

/* Write the environment name of `key` ("http.listen" gives PALAVER_HTTP_LISTEN). Runs on: any. */
#define PAL_OPTION_ENV_MAX (PAL_OPTION_KEY_MAX + sizeof("PALAVER_"))
void pal_option_env_name(const char *key, char ret[PAL_OPTION_ENV_MAX]);

/* The name of a type as manuals say it, and of a reload scope. Runs on: any. */
const char *pal_option_type_name(const struct pal_option_desc *desc);
const char *pal_reload_name(enum pal_reload reload);

/* Word number `index` of `choices`, absent when there are fewer. Runs on: any. */
struct pal_str pal_option_choice(const struct pal_option_desc *desc, int64_t index);

/*
 * The key, section or "_file" name nearest to the mistyped `key`, written to `ret`: by spelling,
 * else one whose last part is the same. Return false when none is near. Runs on: any.
 */
bool pal_option_suggest(struct pal_str key, char ret[PAL_OPTION_KEY_MAX]);

/* As above among the choices of an option; absent when none is near. Runs on: any. */
struct pal_str pal_option_suggest_choice(const struct pal_option_desc *desc, struct pal_str word);

/*
 * Walk the options in table order, sections opened and closed around them. `depth` counts from 0;
 * `name` is the last part of the key. Any callback may be NULL. Runs on: any.
 */
struct pal_option_visitor {
	void (*enter)(void *user, const char *name, unsigned depth);
	void (*visit)(void *user, enum pal_option option, const char *name, unsigned depth);
	void (*leave)(void *user, unsigned depth);
};
void pal_option_walk(const struct pal_option_visitor *visitor, void *user);

#endif
