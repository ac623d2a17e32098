/* base/cursor.h: reading and writing octets with a hard end.
 *
 * A cursor never passes its end: a read past it gives zero and marks the cursor failed, a write
 * past it writes nothing and marks it failed.  Failure is sticky, so a parser reads all fields of
 * a fixed part and asks once.  May touch: only the octets between its two ends. */
#ifndef PLAIT_BASE_CURSOR_H
#define PLAIT_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

struct plait_reader {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
};

struct plait_writer {
    uint8_t *start;
    uint8_t *at;
    uint8_t *end;
    bool failed;
};

struct plait_reader plait_reader(const void *octets, size_t length_octets);
size_t plait_reader_left(const struct plait_reader *r);
uint8_t plait_read_u8(struct plait_reader *r);
uint16_t plait_read_u16(struct plait_reader *r);
uint32_t plait_read_u32(struct plait_reader *r);
uint64_t plait_read_u64(struct plait_reader *r);
/* The next LENGTH octets in place, or NULL (and failed). */
const uint8_t *plait_read_octets(struct plait_reader *r, size_t length_octets);
/* A reader over the next LENGTH octets; R moves past them.  Empty and failed if too few. */
struct plait_reader plait_read_part(struct plait_reader *r, size_t length_octets);
/* TRUNCATED if any read failed. */
plait_result plait_reader_result(const struct plait_reader *r);

struct plait_writer plait_writer(void *octets, size_t room_octets);
size_t plait_writer_used(const struct plait_writer *w);
void plait_write_u8(struct plait_writer *w, uint8_t value);
void plait_write_u16(struct plait_writer *w, uint16_t value);
void plait_write_u32(struct plait_writer *w, uint32_t value);
void plait_write_u64(struct plait_writer *w, uint64_t value);
void plait_write_octets(struct plait_writer *w, const void *octets, size_t length_octets);
void plait_write_zeros(struct plait_writer *w, size_t length_octets);
/* NO_ROOM if any write failed. */
plait_result plait_writer_result(const struct plait_writer *w);

#endif
