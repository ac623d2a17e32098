/* mptcp/address_book.c: a few places, found by walking. */
#include "mptcp/address_book.h"

#define INITIAL_ID 0

struct plait_address_book plait_address_book(const struct plait_place *initial)
{
    return (struct plait_address_book){.addresses = {{.place = *initial, .is_known = true}}};
}

static struct plait_address *initial_of(struct plait_address_book *book)
{
    return &book->addresses[0];
}

struct plait_address *plait_address_book_find(struct plait_address_book *book, uint8_t id)
{
    for (unsigned i = 0; i < PLAIT_ADDRESS_BOOK_ROOM; i++)
        if (book->addresses[i].is_known && book->addresses[i].id == id)
            return &book->addresses[i];
    return NULL;
}

struct plait_address *plait_address_book_find_addr(struct plait_address_book *book,
                                                   const struct plait_addr *addr)
{
    for (unsigned i = 0; i < PLAIT_ADDRESS_BOOK_ROOM; i++)
        if (book->addresses[i].is_known && plait_addr_equal(&book->addresses[i].place.addr, addr))
            return &book->addresses[i];
    return NULL;
}

struct plait_address *plait_address_book_at(struct plait_address_book *book, unsigned index)
{
    for (unsigned i = 0; i < PLAIT_ADDRESS_BOOK_ROOM; i++)
        if (book->addresses[i].is_known && index-- == 0)
            return &book->addresses[i];
    return NULL;
}

/* A free place for ID, which is unknown; the first is kept for the initial address even while that
 * is removed, so that nothing else can take its identifier. */
static struct plait_address *place_for(struct plait_address_book *book, uint8_t id)
{
    if (id == INITIAL_ID)
        return initial_of(book);
    for (unsigned i = 1; i < PLAIT_ADDRESS_BOOK_ROOM; i++)
        if (!book->addresses[i].is_known)
            return &book->addresses[i];
    return NULL;
}

static struct plait_address *write_new(struct plait_address_book *book, uint8_t id,
                                       const struct plait_place *place)
{
    struct plait_address *address = place_for(book, id);
    if (address)
        *address = (struct plait_address){.place = *place, .id = id, .is_known = true};
    return address;
}

plait_result plait_address_book_announce(struct plait_address_book *book, uint8_t id,
                                         const struct plait_place *place,
                                         enum plait_address_news *news)
{
    struct plait_address *address = plait_address_book_find(book, id);
    const struct plait_address *owner = id == INITIAL_ID ? initial_of(book) : address;
    if (owner && !plait_addr_equal(&owner->place.addr, &place->addr))
        return PLAIT_FAIL(EXISTS);
    *news = PLAIT_ADDRESS_IS_REFRESHED;
    if (!address) {
        *news = PLAIT_ADDRESS_IS_NEW;
        address = write_new(book, id, place);
        if (!address)
            return PLAIT_FAIL(TOO_MANY);
    } else if (!address->is_announced) {
        *news = PLAIT_ADDRESS_IS_NEW;
    } else if (address->place.port != place->port) {
        *news = PLAIT_ADDRESS_HAS_NEW_PORT;
    }
    address->place.port = place->port;
    address->is_announced = true;
    address->is_echoed = address->has_failed = false;
    address->tries = 0;
    return PLAIT_OK;
}

plait_result plait_address_book_note(struct plait_address_book *book, uint8_t id,
                                     const struct plait_addr *addr)
{
    if (plait_address_book_find(book, id))
        return PLAIT_OK;
    struct plait_place place = {.addr = *addr};
    if (id == INITIAL_ID)
        place = initial_of(book)->place; /* it is known again, and as what it always was */
    return write_new(book, id, &place) ? PLAIT_OK : PLAIT_FAIL(TOO_MANY);
}

plait_result plait_address_book_identify(struct plait_address_book *book,
                                         const struct plait_addr *addr, uint8_t *id)
{
    const struct plait_address *known = plait_address_book_find_addr(book, addr);
    if (known) {
        *id = known->id;
        return PLAIT_OK;
    }
    /* Upwards, so that an identifier comes again as late as possible: a removal may be on its way
     * still. */
    struct plait_place place = {.addr = *addr};
    uint8_t next = book->last_id;
    do {
        next = next == UINT8_MAX ? INITIAL_ID + 1 : next + 1;
    } while (plait_address_book_find(book, next));
    if (!write_new(book, next, &place))
        return PLAIT_FAIL(TOO_MANY);
    *id = book->last_id = next;
    return PLAIT_OK;
}

plait_result plait_address_book_remove(struct plait_address_book *book, uint8_t id)
{
    struct plait_address *address = plait_address_book_find(book, id);
    if (!address)
        return PLAIT_FAIL(NOT_FOUND);
    address->is_known = false;
    return PLAIT_OK;
}

plait_result plait_address_book_echoed(struct plait_address_book *book, uint8_t id,
                                       const struct plait_place *place)
{
    struct plait_address *address = plait_address_book_find(book, id);
    if (!address || !address->is_announced || !plait_place_equal(&address->place, place))
        return PLAIT_FAIL(NOT_FOUND);
    address->is_echoed = true;
    return PLAIT_OK;
}

struct plait_address *plait_address_book_unechoed(struct plait_address_book *book, uint8_t limit)
{
    for (unsigned i = 0; i < PLAIT_ADDRESS_BOOK_ROOM; i++) {
        struct plait_address *address = &book->addresses[i];
        if (address->is_known && address->is_announced && !address->is_echoed &&
            address->tries < limit)
            return address;
    }
    return NULL;
}
