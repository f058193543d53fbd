/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/server.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/json.h"
#include "ctl/client.h"
#include "suite.h"

#define WAIT_MS 20000u	/* for what must come; nothing waits for a time to pass */

/* A server with a table of its own in a folder of its own. */
struct fixture {
	char folder[32], path[64];
	struct pal_ctl *ctl;
	struct pal_ctl_reply *held;	/* by the command "hold" */
	pthread_mutex_t lock;		/* guards held */
	pthread_cond_t is_held;
};

static void answer_echo(void *arg, const struct pal_ctl_args *args, struct pal_ctl_reply *reply)
{
	(void)arg;
	pal_buf_add_lit(pal_ctl_reply_body(reply), "{\"word\":");
	pal_json_put_string(pal_ctl_reply_body(reply), pal_ctl_arg(args, "word"));
	pal_buf_add_lit(pal_ctl_reply_body(reply), "}");
	pal_ctl_reply_send(reply);
}

static void answer_failure(void *arg, const struct pal_ctl_args *args, struct pal_ctl_reply *reply)
{
	struct pal_error err;

	(void)arg, (void)args;
	pal_buf_add_lit(pal_ctl_reply_body(reply), "half an ans");
	pal_fail(&err, PAL_E_CONFIG, "http.listen", "it is wrong");
	pal_ctl_reply_fail(reply, &err, PAL_STR("line one\n  ^~~~\n"));
}

static void hold(void *arg, const struct pal_ctl_args *args, struct pal_ctl_reply *reply)
{
	struct fixture *f = arg;

	(void)args;
	pthread_mutex_lock(&f->lock);
	f->held = reply;
	pthread_cond_signal(&f->is_held);
	pthread_mutex_unlock(&f->lock);
}

static void follow(void *arg, const struct pal_ctl_args *args, struct pal_ctl_reply *reply)
{
	(void)arg;
	pal_ctl_reply_follow(reply, pal_ctl_arg(args, "tenant"));
}

static void answer_too_much(void *arg, const struct pal_ctl_args *args, struct pal_ctl_reply *reply)
{
	(void)arg, (void)args;
	for (size_t n = 0; n <= PAL_CTL_ANSWER_BYTES_MAX / 16; n++)
		pal_buf_add_lit(pal_ctl_reply_body(reply), "0123456789abcdef");
	pal_ctl_reply_send(reply);
}

static const struct pal_ctl_command commands[] = {
	{"echo", "say it back", answer_echo},
	{"fail", "refuse", answer_failure},
	{"hold", "answer later", hold},
	{"tail", "follow", follow},
	{"flood", "answer with too much", answer_too_much},
};

static struct fixture *set_up(void)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->folder, sizeof(f->folder), "/tmp/palaver-ctl-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/ctl.sock", f->folder);
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->is_held, NULL);
	return f;
}

static enum pal_code start(struct fixture *f, struct pal_error *err)
{
	const struct pal_ctl_options options = {
		.path = f->path,
		.commands = commands,
		.count = sizeof(commands) / sizeof(commands[0]),
		.arg = f,
	};

	return pal_ctl_create(&options, &f->ctl, err);
}

static struct fixture *set_up_started(void)
{
	struct fixture *f = set_up();

	CU_ASSERT_EQUAL_FATAL(start(f, NULL), PAL_OK);
	return f;
}

static void tear_down(struct fixture *f)
{
	pal_ctl_destroy(f->ctl);
	unlink(f->path);
	CU_ASSERT_EQUAL(rmdir(f->folder), 0);
	pthread_mutex_destroy(&f->lock);
	pthread_cond_destroy(&f->is_held);
	free(f);
}

static struct pal_ctl_reply *wait_for_held(struct fixture *f)
{
	pthread_mutex_lock(&f->lock);
	while (!f->held)
		pthread_cond_wait(&f->is_held, &f->lock);
	struct pal_ctl_reply *reply = f->held;
	f->held = NULL;
	pthread_mutex_unlock(&f->lock);
	return reply;
}

static struct pal_ctl_client *connect_to(struct fixture *f)
{
	struct pal_ctl_client *client = NULL;

	CU_ASSERT_EQUAL_FATAL(pal_ctl_client_create(f->path, WAIT_MS, &client, NULL), PAL_OK);
	return client;
}

/* The next line, "" when there is none; valid until the next call. */
static const char *next_line(struct pal_ctl_client *client)
{
	static char line[1024];
	struct pal_str got;

	line[0] = '\0';
	if (pal_ctl_client_next(client, &got, NULL) == PAL_OK)
		snprintf(line, sizeof(line), "%.*s", (int)got.n, got.p);
	return line;
}

static const char *ask(struct pal_ctl_client *client, const char *command, struct pal_str args)
{
	CU_ASSERT_EQUAL(pal_ctl_client_ask(client, command, args, NULL), PAL_OK);
	return next_line(client);
}

/* A connection for bytes that no client would send. */
static int connect_raw(struct fixture *f)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", f->path);
	CU_ASSERT_EQUAL_FATAL(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* All that comes until the server closes. */
static const char *read_to_end(int fd)
{
	static char got[4096];
	size_t len = 0;

	for (ssize_t n; len + 1 < sizeof(got) && (n = read(fd, got + len, sizeof(got) - 1 - len)) > 0; )
		len += (size_t)n;
	got[len] = '\0';
	close(fd);
	return got;
}

static const char *exchange_raw(struct fixture *f, const char *bytes)
{
	int fd = connect_raw(f);

	CU_ASSERT_EQUAL(send(fd, bytes, strlen(bytes), MSG_NOSIGNAL), (ssize_t)strlen(bytes));
	shutdown(fd, SHUT_WR);
	return read_to_end(fd);
}

TEST(a_command_is_answered_with_its_data)
{
	struct fixture *f = set_up_started();
	struct pal_ctl_client *client = connect_to(f);

	CHECK_STR(ask(client, "echo", PAL_STR("{\"word\":\"a\\\"b\"}")),
		  "{\"ok\":true,\"data\":{\"word\":\"a\\\"b\"}}");
	CHECK_STR(ask(client, "echo", PAL_STR("{\"word\":7}")), "{\"ok\":true,\"data\":{\"word\":\"\"}}");
	CHECK_STR(ask(client, "echo", (struct pal_str){0}), "{\"ok\":true,\"data\":{\"word\":\"\"}}");
	pal_ctl_client_destroy(client);
	tear_down(f);
}

TEST(a_failure_carries_code_subject_message_and_detail)
{
	struct fixture *f = set_up_started();
	struct pal_ctl_client *client = connect_to(f);

	CHECK_STR(ask(client, "fail", (struct pal_str){0}),
		  "{\"ok\":false,\"error\":{\"code\":\"CONFIGURATION_ERROR\",\"subject\":\"http.listen\","
		  "\"message\":\"it is wrong\",\"detail\":\"line one\\n  ^~~~\\n\"}}");
	pal_ctl_client_destroy(client);
	tear_down(f);
}

TEST(an_unknown_command_names_the_nearest_and_the_connection_lives_on)
{
	struct fixture *f = set_up_started();
	struct pal_ctl_client *client = connect_to(f);

	CU_ASSERT_PTR_NOT_NULL(strstr(ask(client, "ecoh", (struct pal_str){0}),
				      "there is no command \\\"ecoh\\\"; did you mean \\\"echo\\\"?"));
	CU_ASSERT_PTR_NOT_NULL(strstr(ask(client, "elephant", (struct pal_str){0}), "lists them"));
	CU_ASSERT_PTR_NOT_NULL(strstr(ask(client, "help", (struct pal_str){0}),
				      "{\"name\":\"echo\",\"help\":\"say it back\"}"));
	pal_ctl_client_destroy(client);
	tear_down(f);
}

TEST(what_is_no_request_is_refused_and_only_broken_bytes_close)
{
	struct fixture *f = set_up_started();

	const char *got = exchange_raw(f, "{\"command\":5}\n[]\n{\"command\":\"echo\",\"args\":[]}\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(got, "a request is"));
	CU_ASSERT_PTR_NOT_NULL(strstr(got, "must be an object"));
	got = exchange_raw(f, "{\"command\":\"echo\"\n{\"command\":\"echo\"}\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(got, "at byte 17"));
	CU_ASSERT_PTR_NULL(strstr(got, "\"ok\":true"));
	tear_down(f);
}

TEST(an_overlong_line_is_refused_and_closes)
{
	struct fixture *f = set_up_started();
	static char line[PAL_CTL_REQUEST_BYTES_MAX + 8];

	memset(line, 'x', sizeof(line));
	int fd = connect_raw(f);
	CU_ASSERT_EQUAL(send(fd, line, PAL_CTL_REQUEST_BYTES_MAX + 1, MSG_NOSIGNAL),
			PAL_CTL_REQUEST_BYTES_MAX + 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(read_to_end(fd), "the line is too long"));
	tear_down(f);
}

TEST(requests_sent_at_once_or_byte_by_byte_are_answered_in_order)
{
	struct fixture *f = set_up_started();
	static const char both[] = "{\"command\":\"echo\",\"args\":{\"word\":\"1\"}}\n"
				   "{\"command\":\"echo\",\"args\":{\"word\":\"2\"}}\n";
	static const char want[] = "{\"ok\":true,\"data\":{\"word\":\"1\"}}\n"
				   "{\"ok\":true,\"data\":{\"word\":\"2\"}}\n";

	CHECK_STR(exchange_raw(f, both), want);
	int fd = connect_raw(f);
	for (size_t i = 0; i < sizeof(both) - 1; i++)
		CU_ASSERT_EQUAL(send(fd, both + i, 1, MSG_NOSIGNAL), 1);
	shutdown(fd, SHUT_WR);
	CHECK_STR(read_to_end(fd), want);
	tear_down(f);
}

TEST(a_held_reply_is_ended_by_another_thread_while_others_are_served)
{
	struct fixture *f = set_up_started();
	struct pal_ctl_client *slow = connect_to(f), *quick = connect_to(f);

	CU_ASSERT_EQUAL(pal_ctl_client_ask(slow, "hold", (struct pal_str){0}, NULL), PAL_OK);
	struct pal_ctl_reply *reply = wait_for_held(f);
	CHECK_STR(ask(quick, "echo", (struct pal_str){0}), "{\"ok\":true,\"data\":{\"word\":\"\"}}");
	pal_buf_add_lit(pal_ctl_reply_body(reply), "{\"late\":true}");
	pal_ctl_reply_send(reply);
	CHECK_STR(next_line(slow), "{\"ok\":true,\"data\":{\"late\":true}}");
	pal_ctl_client_destroy(slow);
	pal_ctl_client_destroy(quick);
	tear_down(f);
}

TEST(a_reply_may_end_after_its_client_or_the_server_has_gone)
{
	struct fixture *f = set_up_started();
	struct pal_ctl_client *client = connect_to(f), *other = connect_to(f);

	CU_ASSERT_EQUAL(pal_ctl_client_ask(client, "hold", (struct pal_str){0}, NULL), PAL_OK);
	struct pal_ctl_reply *reply = wait_for_held(f);
	pal_ctl_client_destroy(client);
	pal_ctl_reply_send(reply);
	CU_ASSERT_EQUAL(pal_ctl_client_ask(other, "hold", (struct pal_str){0}, NULL), PAL_OK);
	reply = wait_for_held(f);
	pal_ctl_client_destroy(other);
	pal_ctl_destroy(f->ctl);
	f->ctl = NULL;
	pal_ctl_reply_send(reply);
	tear_down(f);
}

TEST(an_answer_that_is_too_large_becomes_a_failure)
{
	struct fixture *f = set_up_started();
	struct pal_ctl_client *client = connect_to(f);

	CU_ASSERT_PTR_NOT_NULL(strstr(ask(client, "flood", (struct pal_str){0}), "SERVICE_ERROR"));
	pal_ctl_client_destroy(client);
	tear_down(f);
}

TEST(followers_see_the_events_of_their_tenant_in_order)
{
	struct fixture *f = set_up_started();
	struct pal_ctl_client *all = connect_to(f), *one = connect_to(f);

	CU_ASSERT_FALSE(pal_ctl_is_followed(f->ctl));
	CHECK_STR(ask(all, "tail", (struct pal_str){0}), "{\"ok\":true,\"data\":{}}");
	CHECK_STR(ask(one, "tail", PAL_STR("{\"tenant\":\"b\"}")), "{\"ok\":true,\"data\":{}}");
	CU_ASSERT_TRUE(pal_ctl_is_followed(f->ctl));
	pal_ctl_publish(f->ctl, PAL_STR("a"), PAL_STR("{\"n\":1}"));
	pal_ctl_publish(f->ctl, PAL_STR("b"), PAL_STR("{\"n\":2}"));
	CHECK_STR(next_line(all), "{\"ok\":true,\"event\":{\"n\":1}}");
	CHECK_STR(next_line(all), "{\"ok\":true,\"event\":{\"n\":2}}");
	CHECK_STR(next_line(one), "{\"ok\":true,\"event\":{\"n\":2}}");
	pal_ctl_client_destroy(all);
	pal_ctl_client_destroy(one);
	tear_down(f);
}

TEST(a_slow_follower_is_told_how_much_it_lost)
{
	struct fixture *f = set_up_started();
	struct pal_ctl_client *client = connect_to(f);
	enum { COUNT = 4000 };	/* 3.6 MB: more than both backlogs and the socket hold */
	static char event[1024];
	unsigned seen = 0, lost = 0;

	CHECK_STR(ask(client, "tail", (struct pal_str){0}), "{\"ok\":true,\"data\":{}}");
	snprintf(event, sizeof(event), "{\"pad\":\"%0900d\"}", 0);
	for (int i = 0; i < COUNT; i++)
		pal_ctl_publish(f->ctl, PAL_STR("a"), pal_str(event));
	while (lost == 0) {
		const char *line = next_line(client);
		if (line[0] == '\0')
			break;
		seen += strstr(line, "\"pad\"") != NULL;
		(void)sscanf(line, "{\"ok\":true,\"lost\":%u}", &lost);
		pal_ctl_publish(f->ctl, PAL_STR("a"), PAL_STR("{}"));	/* the loss is told with the next */
	}
	CU_ASSERT(seen > 0);
	CU_ASSERT(lost > 0);
	pal_ctl_client_destroy(client);
	tear_down(f);
}

TEST(more_clients_than_the_limit_are_closed_at_once)
{
	struct fixture *f = set_up_started();
	struct pal_ctl_client *clients[PAL_CTL_CLIENTS_MAX];

	for (size_t i = 0; i < PAL_CTL_CLIENTS_MAX; i++) {
		clients[i] = connect_to(f);
		CU_ASSERT_NOT_EQUAL(ask(clients[i], "echo", (struct pal_str){0})[0], '\0');
	}
	CHECK_STR(read_to_end(connect_raw(f)), "");
	CU_ASSERT_NOT_EQUAL(ask(clients[0], "echo", (struct pal_str){0})[0], '\0');
	for (size_t i = 0; i < PAL_CTL_CLIENTS_MAX; i++)
		pal_ctl_client_destroy(clients[i]);
	tear_down(f);
}

TEST(the_socket_is_for_owner_and_group_and_goes_with_the_server)
{
	struct fixture *f = set_up_started();
	struct stat st;

	CU_ASSERT_EQUAL(stat(f->path, &st), 0);
	CU_ASSERT_TRUE(S_ISSOCK(st.st_mode));
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0660);
	pal_ctl_destroy(f->ctl);
	f->ctl = NULL;
	CU_ASSERT_EQUAL(stat(f->path, &st), -1);
	tear_down(f);
}

TEST(a_dead_socket_file_is_taken_over_a_living_one_is_not)
{
	struct fixture *f = set_up();
	struct fixture second = *f;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct pal_error err;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", f->path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	CU_ASSERT_EQUAL(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	CU_ASSERT_EQUAL_FATAL(start(f, &err), PAL_OK);
	CU_ASSERT_EQUAL(start(&second, &err), PAL_E_CONFIG);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "another daemon listens"));
	tear_down(f);
}

TEST(a_path_that_is_no_socket_or_too_long_is_refused)
{
	struct fixture *f = set_up();
	char path[200];
	struct pal_error err;
	FILE *file = fopen(f->path, "w");

	fclose(file);
	CU_ASSERT_EQUAL(start(f, &err), PAL_E_CONFIG);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "is not a socket"));
	CHECK_STR(err.subject, "control.socket");
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	struct pal_ctl *none = NULL;
	CU_ASSERT_EQUAL(pal_ctl_create(&(struct pal_ctl_options){.path = path}, &none, &err),
			PAL_E_CONFIG);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "more than 107 bytes"));
	CU_ASSERT_PTR_NULL(none);
	tear_down(f);
}

TEST(the_client_says_that_nobody_listens_or_that_the_daemon_left)
{
	struct fixture *f = set_up();
	struct pal_ctl_client *client = NULL;
	struct pal_error err;
	struct pal_str line;

	CU_ASSERT_EQUAL(pal_ctl_client_create(f->path, WAIT_MS, &client, &err), PAL_E_EXTERNAL);
	CU_ASSERT_EQUAL(err.sys_errno, ENOENT);
	CU_ASSERT_EQUAL_FATAL(start(f, NULL), PAL_OK);
	client = connect_to(f);
	CU_ASSERT_NOT_EQUAL(ask(client, "echo", (struct pal_str){0})[0], '\0');
	pal_ctl_destroy(f->ctl);
	f->ctl = NULL;
	CU_ASSERT_EQUAL(pal_ctl_client_next(client, &line, &err), PAL_E_NOT_FOUND);
	pal_ctl_client_destroy(client);
	tear_down(f);
}

SUITE(server, CASE(a_command_is_answered_with_its_data),
      CASE(a_failure_carries_code_subject_message_and_detail),
      CASE(an_unknown_command_names_the_nearest_and_the_connection_lives_on),
      CASE(what_is_no_request_is_refused_and_only_broken_bytes_close),
      CASE(an_overlong_line_is_refused_and_closes),
      CASE(requests_sent_at_once_or_byte_by_byte_are_answered_in_order),
      CASE(a_held_reply_is_ended_by_another_thread_while_others_are_served),
      CASE(a_reply_may_end_after_its_client_or_the_server_has_gone),
      CASE(an_answer_that_is_too_large_becomes_a_failure),
      CASE(followers_see_the_events_of_their_tenant_in_order),
      CASE(a_slow_follower_is_told_how_much_it_lost),
      CASE(more_clients_than_the_limit_are_closed_at_once),
      CASE(the_socket_is_for_owner_and_group_and_goes_with_the_server),
      CASE(a_dead_socket_file_is_taken_over_a_living_one_is_not),
      CASE(a_path_that_is_no_socket_or_too_long_is_refused),
      CASE(the_client_says_that_nobody_listens_or_that_the_daemon_left))
