/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/counts.h"

#include "base/metrics.h"

static pal_metric ended[PAL_TRANSPORT_COUNT];
static pal_metric connections, bytes_out, bytes_in, took, flying, waiting_now;

static pal_metric series(const char *name, const char *help, enum pal_metric_kind kind)
{
	return pal_metric_register(
		&(struct pal_metric_desc){.name = name, .help = help, .kind = kind});
}

void pal_courier_counts_register(void)
{
	static const char *const labels[] = {
#define X(id, name, may_have_it) [id] = "result=\"" name "\"",
		PAL_TRANSPORTS(X)
#undef X
	};
	static const double bounds[] = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
					1,     2.5,  5,	    10,	  15,  30};

	for (size_t i = 0; i < PAL_TRANSPORT_COUNT; i++)
		ended[i] = pal_metric_register(&(struct pal_metric_desc){
			.name = "palaver_courier_requests_total",
			.help = "Outgoing requests that ended, by how the exchange ended.",
			.kind = PAL_METRIC_COUNTER,
			.labels = labels[i]});
	took = pal_metric_register(&(struct pal_metric_desc){
		.name = "palaver_courier_request_duration_seconds",
		.help = "Time of an outgoing request that was sent, connecting included.",
		.kind = PAL_METRIC_HISTOGRAM,
		.bounds = bounds,
		.bounds_count = sizeof(bounds) / sizeof(bounds[0])});
	connections = series("palaver_courier_connections_total",
			     "Outgoing requests for which a connection was opened.",
			     PAL_METRIC_COUNTER);
	bytes_out = series("palaver_courier_sent_bytes_total", "Bytes of outgoing requests.",
			   PAL_METRIC_COUNTER);
	bytes_in = series("palaver_courier_received_bytes_total",
			  "Bytes of answers to outgoing requests.", PAL_METRIC_COUNTER);
	flying = series("palaver_courier_in_flight", "Outgoing requests on the wire.",
			PAL_METRIC_GAUGE);
	waiting_now = series("palaver_courier_waiting", "Outgoing requests that wait for a slot.",
			     PAL_METRIC_GAUGE);
}

void pal_courier_count(const struct pal_answer *answer)
{
	pal_metric_add(ended[answer->transport], 1);
	if (answer->new_connection)
		pal_metric_add(connections, 1);
	if (answer->total_ms || answer->any_written)
		pal_metric_observe(took, answer->total_ms / 1000.0);
	pal_metric_add(bytes_out, answer->bytes_out);
	pal_metric_add(bytes_in, answer->bytes_in);
}

void pal_courier_gauge(size_t in_flight, size_t waiting)
{
	pal_metric_set(flying, (double)in_flight);
	pal_metric_set(waiting_now, (double)waiting);
}
