/* What a process can still call once only a list is allowed: in children, because it cannot be
 * taken back. */
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/test.h"

#include "system/allow_list.h"

/* Exit statuses of the child. */
enum { AS_WANTED, NOT_LIMITED, NOT_REFUSED, NOT_ALLOWED };

static int in_child(int (*body)(void))
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        syscall(SYS_exit_group, body());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool is_refused(long result)
{
    return result == -1 && errno == EPERM;
}

static int only_the_list(void)
{
    const struct plait_allowed_call calls[] = {{.call = SYS_getpid}, {.call = SYS_exit_group}};
    if (!plait_ok(plait_allow_only(calls, 2)))
        return NOT_LIMITED;
    if (syscall(SYS_getpid) <= 0)
        return NOT_ALLOWED;
    return is_refused(syscall(SYS_getppid)) ? AS_WANTED : NOT_REFUSED;
}

/* The call after a limited one must be compared by its number again. */
static int with_arguments(void)
{
    const struct plait_allowed_call calls[] = {
        {SYS_fcntl, 1, UINT32_MAX, F_GETFL},
        {SYS_lseek, 2, 1, 0}, /* SEEK_SET and SEEK_END, not SEEK_CUR */
        {.call = SYS_getpid},
        {.call = SYS_exit_group},
    };
    if (!plait_ok(plait_allow_only(calls, 4)))
        return NOT_LIMITED;
    if (syscall(SYS_fcntl, 2, F_GETFL) < 0 || syscall(SYS_getpid) <= 0 ||
        is_refused(syscall(SYS_lseek, 2, 0, SEEK_END)))
        return NOT_ALLOWED;
    return is_refused(syscall(SYS_fcntl, 2, F_GETFD)) &&
                   is_refused(syscall(SYS_lseek, 2, 0, SEEK_CUR)) &&
                   is_refused(syscall(SYS_getppid))
               ? AS_WANTED
               : NOT_REFUSED;
}

static void only_the_list_is_allowed(void **state)
{
    (void)state;
    assert_int_equal(in_child(only_the_list), AS_WANTED);
}

static void arguments_are_compared_under_their_mask(void **state)
{
    (void)state;
    assert_int_equal(in_child(with_arguments), AS_WANTED);
}

static void a_list_has_a_limit(void **state)
{
    (void)state;
    static const struct plait_allowed_call calls[PLAIT_ALLOWED_CALLS_MAX + 1];
    assert_reason(plait_allow_only(calls, PLAIT_ALLOWED_CALLS_MAX + 1), TOO_MANY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_list_is_allowed),
        cmocka_unit_test(arguments_are_compared_under_their_mask),
        cmocka_unit_test(a_list_has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
