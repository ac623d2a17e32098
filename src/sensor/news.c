/* sensor/news.c: looking into directories, and descriptors over a socket. */
#include "sensor/news.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/panic.h"
#include "sensor/opener.h"

enum { NAME_OCTETS = 4096 };

struct followed {
    const char *name;
    int descriptor;
    struct plait_names known;
};

struct plait_news {
    int socket;
    struct followed *directories;
    unsigned count;
};

static bool is_known(const struct plait_names *known, const char *name)
{
    for (unsigned i = 0; i < known->count; i++)
        if (strcmp(known->of[i], name) == 0)
            return true;
    return false;
}

/* ---- the process that opens --------------------------------------------------------------- */

static bool is_directory(const char *name)
{
    struct stat about;
    return stat(name, &about) == 0 && S_ISDIR(about.st_mode);
}

static bool opened_before(const struct plait_job *job, const char *directory, const char *name)
{
    size_t length = strlen(directory);
    for (unsigned i = 0; i < job->input_count; i++) {
        const char *one = job->inputs[i].name;
        if (strncmp(one, directory, length) == 0 && one[length] == '/' &&
            strcmp(one + length + 1, name) == 0)
            return true;
    }
    return false;
}

static void add_known(struct plait_names *known, const char *name)
{
    known->of = realloc(known->of, (known->count + 1) * sizeof *known->of);
    PLAIT_CHECK(known->of);
    known->of[known->count] = strdup(name);
    PLAIT_CHECK(known->of[known->count++]);
}

/* What came between the opening of the job's files and now is news. */
static void follow(struct plait_news *news, const struct plait_job *job, const char *name)
{
    news->directories = realloc(news->directories, (news->count + 1) * sizeof *news->directories);
    PLAIT_CHECK(news->directories);
    struct followed *f = &news->directories[news->count++];
    *f = (struct followed){name, open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), {0}};
    struct plait_names names = plait_directory_names(f->descriptor);
    for (unsigned i = 0; i < names.count; i++)
        if (opened_before(job, name, names.of[i]))
            add_known(&f->known, names.of[i]);
    plait_names_free(&names);
}

struct plait_news *plait_news_new(struct plait_job *job)
{
    const struct plait_texts *operands = &job->options->inputs;
    struct plait_news *news = NULL;
    int ends[2];
    for (unsigned i = 0; job->options->follow && i < operands->count; i++) {
        if (!is_directory(operands->of[i]))
            continue;
        if (!news && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0) {
            news = calloc(1, sizeof *news);
            PLAIT_CHECK(news);
            news->socket = ends[0];
            job->news = ends[1];
        }
        if (news)
            follow(news, job, operands->of[i]);
    }
    return news;
}

static bool hand_over(int socket, const char *path, int descriptor)
{
    union {
        char octets[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    memset(&control, 0, sizeof control);
    struct iovec part = {(char *)(uintptr_t)path, strlen(path) + 1};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control.octets};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(head), &descriptor, sizeof descriptor);
    return sendmsg(socket, &message, MSG_NOSIGNAL) >= 0;
}

/* A file that cannot be opened is tried again at the next look. */
static bool tell(struct plait_news *news, struct followed *f, const char *name)
{
    char path[NAME_OCTETS];
    int descriptor = openat(f->descriptor, name, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 || snprintf(path, sizeof path, "%s/%s", f->name, name) >= NAME_OCTETS)
        return true;
    add_known(&f->known, name);
    bool handed = hand_over(news->socket, path, descriptor);
    close(descriptor);
    return handed;
}

bool plait_news_look(struct plait_news *news)
{
    bool listens = true;
    for (unsigned i = 0; i < news->count && listens; i++) {
        struct followed *f = &news->directories[i];
        struct plait_names names = plait_directory_names(f->descriptor);
        for (unsigned k = 0; k < names.count && listens; k++)
            if (!is_known(&f->known, names.of[k]))
                listens = tell(news, f, names.of[k]);
        plait_names_free(&names);
    }
    return listens;
}

void plait_news_free(struct plait_news *news)
{
    for (unsigned i = 0; news && i < news->count; i++) {
        plait_names_free(&news->directories[i].known);
        close(news->directories[i].descriptor);
    }
    if (news) {
        close(news->socket);
        free(news->directories);
    }
    free(news);
}

/* ---- the process that parses -------------------------------------------------------------- */

static int descriptor_in(struct msghdr *message)
{
    int descriptor = -1;
    struct cmsghdr *head = CMSG_FIRSTHDR(message);
    if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS)
        memcpy(&descriptor, CMSG_DATA(head), sizeof descriptor);
    return descriptor;
}

bool plait_news_take(struct plait_job *job)
{
    char path[NAME_OCTETS];
    union {
        char octets[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec part = {path, sizeof path - 1};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control.octets};
    ssize_t got = job->news < 0 ? -1 : recvmsg(job->news, &message, MSG_DONTWAIT);
    int descriptor = got > 0 ? descriptor_in(&message) : -1;
    if (descriptor < 0)
        return false;
    path[got] = '\0';
    plait_job_add(job, path, &(struct plait_job_input){.descriptor = descriptor, .can_seek = true});
    return true;
}
