/* io/system_error.c: which reason stands for which error of the kernel. */
#include "io/system_error.h"

#include <errno.h>

static const struct {
    int error;
    enum plait_reason reason;
} reasons[] = {
    {0, PLAIT_REASON_OK},
    {EPERM, PLAIT_REASON_DENIED},
    {EACCES, PLAIT_REASON_DENIED},
    {EROFS, PLAIT_REASON_DENIED},
    {ENOENT, PLAIT_REASON_NOT_FOUND},
    {ENODEV, PLAIT_REASON_NOT_FOUND},
    {ESRCH, PLAIT_REASON_NOT_FOUND},
    {EADDRNOTAVAIL, PLAIT_REASON_NOT_FOUND},
    {EEXIST, PLAIT_REASON_EXISTS},
    {EADDRINUSE, PLAIT_REASON_EXISTS},
    {EINVAL, PLAIT_REASON_BAD_VALUE},
    {ERANGE, PLAIT_REASON_BAD_VALUE},
    {EOPNOTSUPP, PLAIT_REASON_UNSUPPORTED},
    {EAFNOSUPPORT, PLAIT_REASON_UNSUPPORTED},
    {EPROTONOSUPPORT, PLAIT_REASON_UNSUPPORTED},
    {ENOSYS, PLAIT_REASON_UNSUPPORTED},
    {ENXIO, PLAIT_REASON_UNSUPPORTED},
    {EMFILE, PLAIT_REASON_TOO_MANY},
    {ENFILE, PLAIT_REASON_TOO_MANY},
    {ENOSPC, PLAIT_REASON_TOO_MANY}, /* user.max_*_namespaces */
    {EUSERS, PLAIT_REASON_TOO_MANY},
    {ENOBUFS, PLAIT_REASON_NO_ROOM},
    {EAGAIN, PLAIT_REASON_TIMED_OUT},
    {ETIMEDOUT, PLAIT_REASON_TIMED_OUT},
    {EPROTO, PLAIT_REASON_PEER}, /* the agent's word for no */
};

plait_result plait_errno_result(int error)
{
    for (unsigned i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].error == error)
            return plait_fail(reasons[i].reason);
    return PLAIT_FAIL(SYSTEM);
}
