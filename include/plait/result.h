/* plait/result.h: how a function of plait says that it failed.
 *
 * A plait_result is a distinct must-use type, so it can be neither ignored nor mistaken for a
 * count.  Reasons are one numbered list (PLAIT_REASONS); each has a text, and whoever refuses
 * octets from outside counts them by reason (struct plait_reason_counts).
 * May touch: nothing but its arguments. */
#ifndef PLAIT_RESULT_H
#define PLAIT_RESULT_H

#include <stdbool.h>
#include <stdint.h>

/* What programs outside libplait may link to; everything else is hidden. */
#define PLAIT_API __attribute__((visibility("default")))

/* X(name, text): the number of a reason is its place here; append only. */
#define PLAIT_REASONS(X)                                                                           \
    X(OK, "no error")                                                                              \
    X(TRUNCATED, "input ends before the field does")                                               \
    X(NO_ROOM, "output buffer is full")                                                            \
    X(BAD_VERSION, "version field has a value that is not spoken here")                            \
    X(BAD_LENGTH, "length field contradicts the content")                                          \
    X(BAD_CHECKSUM, "checksum does not match")                                                     \
    X(BAD_VALUE, "field has a value that the format forbids")                                      \
    X(FRAGMENT, "IP fragment")                                                                     \
    X(NOT_TCP, "payload is not TCP")                                                               \
    X(UNKNOWN_OPTION, "option kind or subtype is not known")                                       \
    X(TOO_MANY, "more items than the stated limit")                                                \
    X(NOT_FOUND, "no such thing")                                                                  \
    X(EXISTS, "exists already")                                                                    \
    X(DENIED, "the system refused: permission")                                                    \
    X(UNSUPPORTED, "the system lacks a feature")                                                   \
    X(TIMED_OUT, "no answer in time")                                                              \
    X(SYSTEM, "a system call failed")                                                              \
    X(PEER, "the peer answered with an error")                                                     \
    X(USAGE, "the interface was used against its documentation")

enum plait_reason {
#define PLAIT_REASON_ENUM(name, text) PLAIT_REASON_##name,
    PLAIT_REASONS(PLAIT_REASON_ENUM)
#undef PLAIT_REASON_ENUM
        PLAIT_REASON_COUNT
};

/* gcc and clang agree that a type may be must-use, not on how to spell it in C17. */
#ifdef __clang__
#define PLAIT_MUST_USE __attribute__((warn_unused_result))
#else
#define PLAIT_MUST_USE [[nodiscard]]
#endif

struct PLAIT_MUST_USE plait_result_value {
    enum plait_reason reason;
};
typedef struct plait_result_value plait_result;

static inline plait_result plait_fail(enum plait_reason reason)
{
    return (plait_result){reason};
}

#define PLAIT_OK               plait_fail(PLAIT_REASON_OK)
#define PLAIT_FAIL(short_name) plait_fail(PLAIT_REASON_##short_name)

static inline bool plait_ok(plait_result result)
{
    return result.reason == PLAIT_REASON_OK;
}

/* Returns from the calling function with the failure of EXPR, if it failed. */
#define PLAIT_TRY(expr)                                                                            \
    do {                                                                                           \
        plait_result plait_try_ = (expr);                                                          \
        if (!plait_ok(plait_try_))                                                                 \
            return plait_try_;                                                                     \
    } while (0)

/* One clear line for a reason; never NULL. */
PLAIT_API const char *plait_reason_text(enum plait_reason reason);

/* The reason's name as written in the list, for example "BAD_LENGTH". */
PLAIT_API const char *plait_reason_name(enum plait_reason reason);

/* How often each reason was met. */
struct plait_reason_counts {
    uint64_t count[PLAIT_REASON_COUNT];
};

#endif
