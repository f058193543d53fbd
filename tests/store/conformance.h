/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conformance.h - what palaver/store.h promises, as tests that every kind has to pass. A kind's test
 * file says how to open it and gets a suite:
 *
 *	static const struct conformance_kind memory = {"memory", false, open_it};
 *	CONFORMANCE_SUITE(memory_conformance, &memory)
 */
#ifndef PALAVER_TESTS_STORE_CONFORMANCE_H
#define PALAVER_TESTS_STORE_CONFORMANCE_H

#include <stdbool.h>

#include "palaver/store.h"
#include "suite.h"

#define CONFORMANCE_READERS 4u

struct conformance_kind {
	const char *name;
	bool durable;	/* what was stored is there when the same folder is opened again */
	/* Open a store in the folder `dir`, CONFORMANCE_READERS readers, through pal_store_open. */
	enum pal_code (*open)(const char *dir, struct pal_store **ret, struct pal_error *err);
};

/* One test's store, in a folder of its own. */
struct stage {
	const struct conformance_kind *kind;
	char dir[64];
	struct pal_store *store;
	struct pal_arena arena;	/* of the test's material */
};

/* Open a store, run `test` on it, close it and remove its folder. */
void conformance_run(const struct conformance_kind *kind, void (*test)(struct stage *));

/* Close the store and open it again. Only for kinds that are durable. */
void stage_reopen(struct stage *stage);

#define CONFORMANCE_TESTS(X)                                                                       \
	X(a_unit_comes_back_whole_with_all_its_fields)                                             \
	X(a_unit_that_conflicts_leaves_nothing_behind)                                             \
	X(a_conflicting_unit_takes_no_other_of_its_group_with_it)                                  \
	X(units_of_a_group_see_the_ones_before_them)                                               \
	X(a_message_id_twice_in_a_unit_is_a_duplicate)                                             \
	X(a_message_id_is_unique_in_its_tenant_only)                                               \
	X(an_inbound_id_may_be_that_of_an_outbound_message)                                        \
	X(only_the_next_sequence_is_accepted)                                                      \
	X(a_gated_exchange_has_no_outbound_message)                                                \
	X(a_conversation_may_be_made_without_an_exchange)                                          \
	X(a_conversation_that_does_not_exist_is_stale)                                             \
	X(a_conversation_is_made_once)                                                             \
	X(b68_a_conversation_id_is_unique_in_its_tenant_only)                                      \
	X(a_commit_reads_only_the_key_of_a_stored_conversation)                                    \
	X(ids_and_texts_of_greatest_length_come_back)                                              \
	X(json_of_any_bytes_and_great_length_comes_back)                                           \
	X(absent_and_empty_fields_come_back_empty)                                                 \
	X(extreme_numbers_come_back)                                                               \
	X(a_unit_of_most_exchanges_is_stored)                                                      \
	X(a_walk_keeps_to_its_range)                                                               \
	X(a_walk_ends_when_told_so)                                                                \
	X(a_walk_may_begin_inside_an_exchange)                                                     \
	X(a_loaded_conversation_is_repaired_from_its_newest_exchange)                              \
	X(a_record_written_behind_is_loaded)                                                       \
	X(an_older_record_is_passed_over)                                                          \
	X(a_record_that_claims_too_much_is_cut_back)                                               \
	X(records_of_unknown_conversations_are_passed_over)                                        \
	X(an_exchange_is_found_with_its_conversation)                                              \
	X(what_is_absent_is_not_found)                                                             \
	X(another_tenants_key_reaches_nothing)                                                     \
	X(everything_is_counted)                                                                   \
	X(a_tenant_is_put_replaced_and_walked)                                                     \
	X(an_api_key_is_put_replaced_and_walked)                                                   \
	X(an_api_key_that_conflicts_is_refused)                                                    \
	X(a_secret_is_made_once)                                                                   \
	X(a_change_is_stored_with_the_unit_that_carries_it)                                        \
	X(a_change_needs_no_exchange)                                                              \
	X(a_change_of_an_unknown_or_foreign_conversation_is_stale)                                 \
	X(a_change_is_stored_whole_or_not_at_all)                                                  \
	X(a_change_may_come_with_the_insert)                                                       \
	X(details_grow_and_shrink_and_may_be_great)                                                \
	X(what_is_written_behind_changes_nothing_that_operations_write)                            \
	X(audit_events_are_walked_in_order_and_by_tenant)                                          \
	X(changes_and_audit_events_are_there_when_opened_again)                                    \
	X(all_that_is_audited_is_one_chain_without_a_gap)                                          \
	X(a_unit_that_is_not_stored_takes_no_number)                                               \
	X(each_tenant_has_a_chain_of_its_own)                                                      \
	X(a_chain_is_walked_from_anywhere_both_ways)                                               \
	X(an_erased_conversation_leaves_the_chain_whole)                                           \
	X(records_that_lose_their_names_are_proven_still)                                          \
	X(a_pruned_chain_is_proven_from_its_cut)                                                   \
	X(the_last_record_is_never_pruned)                                                         \
	X(a_chain_goes_on_when_opened_again)                                                       \
	X(those_who_write_at_once_make_one_chain)                                                  \
	X(all_conversations_of_a_tenant_are_walked)                                                \
	X(the_conversations_of_a_user_are_walked)                                                  \
	X(a_walk_of_conversations_ends_when_told_so)                                               \
	X(walked_conversations_are_repaired_wherever_they_stand)                                   \
	X(b66_words_of_messages_are_found)                                                         \
	X(a_conversation_is_found_once_and_within_the_limit)                                       \
	X(a_search_finds_nothing_of_another_tenant)                                                \
	X(case_and_diacritics_do_not_count)                                                        \
	X(nothing_in_a_query_is_an_operator)                                                       \
	X(long_queries_and_texts_are_no_trouble)                                                   \
	X(the_index_is_brought_up_to_date_in_steps)                                                \
	X(an_erased_conversation_is_as_if_absent)                                                  \
	X(what_an_erased_conversation_had_taken_stays_taken)                                       \
	X(a_conversation_is_erased_step_by_step)                                                   \
	X(erasing_what_is_unknown_or_foreign_does_nothing)                                         \
	X(an_empty_conversation_can_be_erased)                                                     \
	X(every_kind_of_exchange_is_erased)                                                        \
	X(readers_see_whole_exchanges_or_none_while_one_erases)                                    \
	X(a_record_comes_back_whole_with_all_its_fields)                                           \
	X(a_record_is_written_against_the_version_expected)                                        \
	X(a_record_is_judged_without_being_written)                                                \
	X(a_record_written_over_is_walked_by_what_it_says_now)                                     \
	X(a_record_is_removed_against_the_version_expected)                                        \
	X(records_of_a_group_are_judged_alone_and_in_order)                                        \
	X(a_record_is_unique_in_its_tenant_and_kind_only)                                          \
	X(b65_a_record_is_written_by_tenant_and_version_and_its_fields_cleared)                    \
	X(records_of_greatest_length_come_back)                                                    \
	X(a_walk_of_records_goes_by_time_and_then_by_id)                                           \
	X(a_walk_of_records_keeps_to_owner_range_and_limit)                                        \
	X(records_that_expired_are_walked_oldest_first)                                            \
	X(a_record_write_takes_its_audit_event_along)                                              \
	X(records_are_there_when_opened_again)                                                     \
	X(the_records_of_a_unit_are_stored_with_it)                                        \
	X(a_unit_whose_record_conflicts_leaves_nothing_behind)                             \
	X(a_unit_that_conflicts_writes_no_record)                                          \
	X(a_unit_takes_only_plain_records_of_its_own)                                      \
	X(a_unit_of_most_records_is_stored)                                                \
	X(the_records_of_a_unit_are_there_when_opened_again)                               \
	X(units_and_records_are_one_group)                                                 \
	X(a_store_answers_a_ping_and_comes_to_rest)                                                \
	X(everything_is_there_when_opened_again)                                                   \
	X(conflicts_are_still_seen_when_opened_again)                                              \
	X(two_conversations_are_what_a_simple_model_says)                                          \
	X(readers_see_whole_exchanges_while_one_writes)                                            \
	X(writers_of_a_kind_that_does_not_block_may_collide)

#define X(name) void conform_##name(struct stage *stage);
CONFORMANCE_TESTS(X)
#undef X

#define CONFORMANCE_CASE_(name) {#name, run_##name},
#define CONFORMANCE_SUITE(title, kind)                                                             \
	static const struct conformance_kind *const conformance_kind_ = (kind);                    \
	CONFORMANCE_TESTS(CONFORMANCE_RUN_)                                                        \
	SUITE(title, CONFORMANCE_TESTS(CONFORMANCE_CASE_))
#define CONFORMANCE_RUN_(name)                                                                     \
	static void run_##name(void)                                                               \
	{                                                                                          \
		conformance_run(conformance_kind_, conform_##name);                                \
	}

#endif
