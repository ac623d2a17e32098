/* mptcp/address_book.h: the addresses of one side of a connection and their identifiers.
 *
 * A connection has two: its own and the peer's (N14).  An identifier keeps its address until it is
 * removed (N31); identifier 0 is the initial address, for good.  What is known is soft: an
 * address that failed is not tried again unless it is announced again (RFC 8684 §3.4.1, N32).
 * May touch: nothing but itself. */
#ifndef PLAIT_MPTCP_ADDRESS_BOOK_H
#define PLAIT_MPTCP_ADDRESS_BOOK_H

#include "wire/addr.h"

#define PLAIT_ADDRESS_BOOK_ROOM 9 /* the initial address and eight others */

struct plait_address {
    struct plait_place place; /* port 0: none was said */
    uint8_t id;
    uint8_t tries; /* how often it was announced, retransmissions included */
    bool is_known;
    bool is_announced; /* by ADD_ADDR; else only seen in a handshake */
    bool is_echoed;
    bool has_failed;
};

struct plait_address_book {
    struct plait_address addresses[PLAIT_ADDRESS_BOOK_ROOM]; /* the first is the initial one's */
    uint8_t last_id;                                         /* that was made here */
};

enum plait_address_news {
    PLAIT_ADDRESS_IS_NEW,
    PLAIT_ADDRESS_HAS_NEW_PORT, /* worth another subflow (RFC 8684 §3.4.1) */
    PLAIT_ADDRESS_IS_REFRESHED
};

struct plait_address_book plait_address_book(const struct plait_place *initial);
/* ADD_ADDR says that ID is PLACE (port 0: none said).  OK: it is; may be dialled again, and is not
 * echoed yet.  EXISTS: ID has another address (N31, R-14).  TOO_MANY: the book is full.  Nothing
 * has changed after a refusal. */
plait_result plait_address_book_announce(struct plait_address_book *book, uint8_t id,
                                         const struct plait_place *place,
                                         enum plait_address_news *news);
/* A handshake came from PLACE and calls it ID (N14).  What is known of ID stays: behind a NAT the
 * address that is seen is not the one that was announced.  TOO_MANY. */
plait_result plait_address_book_note(struct plait_address_book *book, uint8_t id,
                                     const struct plait_addr *addr);
/* The identifier of ADDR, made if need be: for our own book.  TOO_MANY. */
plait_result plait_address_book_identify(struct plait_address_book *book,
                                         const struct plait_addr *addr, uint8_t *id);
/* NOT_FOUND: unknown, and to be ignored (N36). */
plait_result plait_address_book_remove(struct plait_address_book *book, uint8_t id);
struct plait_address *plait_address_book_find(struct plait_address_book *book, uint8_t id);
/* The first that has ADDR, whatever its port. */
struct plait_address *plait_address_book_find_addr(struct plait_address_book *book,
                                                   const struct plait_addr *addr);
/* The address INDEX of those that are known, from 0 on, or NULL. */
struct plait_address *plait_address_book_at(struct plait_address_book *book, unsigned index);
/* An echo of our ADD_ADDR came.  NOT_FOUND unless identifier, address and port are those that were
 * announced. */
plait_result plait_address_book_echoed(struct plait_address_book *book, uint8_t id,
                                       const struct plait_place *place);
/* The first that was announced fewer than LIMIT times and is not echoed, or NULL; whoever sends it
 * adds one to its `tries`. */
struct plait_address *plait_address_book_unechoed(struct plait_address_book *book, uint8_t limit);

/* Announced, and not known to be useless (N32). */
static inline bool plait_address_may_dial(const struct plait_address *address)
{
    return address->is_known && address->is_announced && !address->has_failed;
}

#endif
