/* audit/store_inside.h: internal to the store: what its files know of each other. */
#ifndef PLAIT_AUDIT_STORE_INSIDE_H
#define PLAIT_AUDIT_STORE_INSIDE_H

#include "audit/store.h"

/* Keyed hashes of what an index holds; OWNER is the auditor. */
uint64_t plait_store_hash_of_subflow(const void *owner, uint32_t number);
uint64_t plait_store_hash_of_token(const void *owner, uint32_t node);
uint64_t plait_store_hash_of_join(const void *owner, uint32_t node);
/* The oldest idle connection goes, but not connection BUT; false: there is none. */
bool plait_store_evict(struct plait_audit *a, uint32_t but);
/* SUBFLOW and what hangs on it; its connection is going. */
void plait_store_give_subflow(struct plait_audit *a, uint32_t number);

#endif
