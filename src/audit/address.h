/* audit/address.h: internal: which addresses a connection's ends have, and which they said to have.
 * May touch: adverts of the auditor; calls the sink. */
#ifndef PLAIT_AUDIT_ADDRESS_H
#define PLAIT_AUDIT_ADDRESS_H

#include "audit/say.h"

/* END of CONNECTION uses ADDR on a subflow that is not a join without proof, or advertised it. */
bool plait_address_is_known(const struct plait_audit *a, uint32_t connection, unsigned end,
                            const struct plait_addr *addr);
/* The same, SUBFLOW itself left aside. */
bool plait_address_is_known_elsewhere(const struct plait_audit *a, uint32_t connection,
                                      uint32_t subflow, unsigned end,
                                      const struct plait_addr *addr);
void plait_address_add(struct plait_at *at, const struct plait_add_addr *option);
void plait_address_remove(struct plait_at *at, const struct plait_remove_addr *option);

#endif
