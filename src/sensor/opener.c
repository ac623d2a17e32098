/* sensor/opener.c: files, FIFOs, directories, outputs. */
#include "sensor/opener.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/panic.h"
#include "sensor/filter.h"
#include "terminal/console.h"

/* ---- saying what is wrong ----------------------------------------------------------------- */

/* How to get what the kernel refused. */
static const struct {
    int error;
    const char *help;
} helps[] = {
    {EACCES, ": make it readable for this user, or run as one who may read it"},
    {EPERM, ": make it readable for this user, or run as one who may read it"},
    {EMFILE, ": too many files at once; `ulimit -n` says how many, and can raise it"},
    {0, ""},
};

static bool complain(const struct plait_job *job, const char *name, int error)
{
    unsigned i = 0;
    while (helps[i].error && helps[i].error != error)
        i++;
    plait_complain(job->command->name, "%s: %s%s", name, strerror(error), helps[i].help);
    return false;
}

/* ---- inputs ------------------------------------------------------------------------------- */

/* Control characters, newline first of all, as "\\x0a". */
static char *shown_name(const char *name)
{
    char *shown = malloc(4 * strlen(name) + 1), *to = shown;
    PLAIT_CHECK(shown);
    for (; *name; name++) {
        unsigned char octet = (unsigned char)*name;
        if (octet < 0x20 || octet == 0x7f)
            to += sprintf(to, "\\x%02x", octet);
        else
            *to++ = *name;
    }
    *to = '\0';
    return shown;
}

void plait_job_add(struct plait_job *job, const char *name, const struct plait_job_input *input)
{
    job->inputs = realloc(job->inputs, (job->input_count + 1) * sizeof *job->inputs);
    PLAIT_CHECK(job->inputs);
    struct plait_job_input *added = &job->inputs[job->input_count++];
    *added = *input;
    added->name = strdup(name);
    PLAIT_CHECK(added->name);
    added->shown = shown_name(name);
}

void plait_job_free(struct plait_job *job)
{
    for (unsigned i = 0; i < job->input_count; i++) {
        free(job->inputs[i].name);
        free(job->inputs[i].shown);
    }
    free(job->inputs);
    job->inputs = NULL;
    job->input_count = 0;
    if (job->output)
        fclose(job->output);
    job->output = NULL;
    plait_filter_free(job->filter);
    job->filter = NULL;
}

/* Whoever reads several inputs must not wait for one of them: pipes are never blocking.  A terminal
 * or file is left as it is, because others share it. */
static void unblock(int descriptor, mode_t mode)
{
    int flags = fcntl(descriptor, F_GETFL);
    if (S_ISFIFO(mode) && flags >= 0)
        (void)fcntl(descriptor, F_SETFL, flags | O_NONBLOCK); /* else it is read blocking */
}

static bool add_open(struct plait_job *job, const char *name, int descriptor, bool is_named)
{
    struct stat about;
    if (fstat(descriptor, &about) != 0)
        return complain(job, name, errno);
    bool is_file = S_ISREG(about.st_mode);
    unblock(descriptor, about.st_mode);
    plait_job_add(job, name,
                  &(struct plait_job_input){.descriptor = descriptor,
                                            .can_seek = is_file,
                                            .is_named = is_named,
                                            .octets = is_file ? (uint64_t)about.st_size : 0});
    return true;
}

static int by_version(const void *a, const void *b)
{
    return strverscmp(*(char *const *)a, *(char *const *)b);
}

static bool is_regular(int directory, const char *name)
{
    struct stat about;
    return fstatat(directory, name, &about, 0) == 0 && S_ISREG(about.st_mode);
}

struct plait_names plait_directory_names(int descriptor)
{
    struct plait_names names = {0};
    int own = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = own < 0 ? NULL : fdopendir(own);
    for (struct dirent *entry; stream && (entry = readdir(stream));) {
        if (entry->d_name[0] == '.' || !is_regular(descriptor, entry->d_name))
            continue;
        names.of = realloc(names.of, (names.count + 1) * sizeof *names.of);
        PLAIT_CHECK(names.of);
        names.of[names.count] = strdup(entry->d_name);
        PLAIT_CHECK(names.of[names.count++]);
    }
    if (stream)
        closedir(stream);
    if (names.count)
        qsort(names.of, names.count, sizeof *names.of, by_version);
    return names;
}

void plait_names_free(struct plait_names *names)
{
    for (unsigned i = 0; i < names->count; i++)
        free(names->of[i]);
    free(names->of);
    *names = (struct plait_names){0};
}

static char *path_of(const char *directory, const char *name)
{
    char *path;
    PLAIT_CHECK(asprintf(&path, "%s/%s", directory, name) >= 0);
    return path;
}

static bool open_directory(struct plait_job *job, const char *name, int descriptor)
{
    struct plait_names names = plait_directory_names(descriptor);
    bool good = true;
    for (unsigned i = 0; good && i < names.count; i++) {
        char *path = path_of(name, names.of[i]);
        int file = openat(descriptor, names.of[i], O_RDONLY | O_CLOEXEC);
        good = file >= 0 ? add_open(job, path, file, false) : complain(job, path, errno);
        free(path);
    }
    if (good && names.count == 0 && !job->options->follow) {
        plait_complain(job->command->name, "%s: a directory without a file to read", name);
        good = false;
    }
    plait_names_free(&names);
    close(descriptor);
    return good;
}

/* As many files at once as the system lets this user have. */
static void raise_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

bool plait_open_input(struct plait_job *job, const char *name)
{
    raise_limit();
    bool is_standard = strcmp(name, "-") == 0;
    int descriptor = is_standard ? dup(STDIN_FILENO) : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat about;
    if (descriptor < 0 || fstat(descriptor, &about) != 0)
        return complain(job, name, errno);
    if (S_ISDIR(about.st_mode))
        return open_directory(job, name, descriptor);
    return add_open(job, name, descriptor, true);
}

/* ---- outputs ------------------------------------------------------------------------------ */

static int refuse(const char *command, const char *option, const char *name, const char *why)
{
    plait_complain(command, "--%s %s: %s", option, name, why);
    return -1;
}

static bool is_same_file(int descriptor, const struct stat *about)
{
    struct stat other;
    return descriptor >= 0 && fstat(descriptor, &other) == 0 && other.st_dev == about->st_dev &&
           other.st_ino == about->st_ino && !S_ISCHR(about->st_mode);
}

/* Two names may be one file. */
static bool is_in_use(const struct plait_job *job, int descriptor)
{
    struct stat about;
    if (fstat(descriptor, &about) != 0)
        return false;
    for (unsigned i = 0; i < job->input_count; i++)
        if (is_same_file(job->inputs[i].descriptor, &about))
            return true;
    FILE *const outputs[] = {job->output, job->orphans, job->map};
    for (unsigned i = 0; i < sizeof outputs / sizeof outputs[0]; i++)
        if (outputs[i] && is_same_file(fileno(outputs[i]), &about))
            return true;
    return false;
}

/* What was in the file goes only when it is sure that this is a file, and its mode is ours. */
static bool make_private(int descriptor)
{
    struct stat about;
    if (fstat(descriptor, &about) != 0)
        return false;
    return !S_ISREG(about.st_mode) ||
           (fchmod(descriptor, S_IRUSR | S_IWUSR) == 0 && ftruncate(descriptor, 0) == 0);
}

static int open_to_write(const char *name)
{
    return strcmp(name, "-") == 0
               ? dup(STDOUT_FILENO)
               : open(name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, S_IRUSR | S_IWUSR);
}

FILE *plait_open_output(const struct plait_job *job, const char *option, const char *name)
{
    int descriptor = open_to_write(name);
    bool in_use = descriptor >= 0 && is_in_use(job, descriptor);
    bool is_standard = strcmp(name, "-") == 0;
    bool good = descriptor >= 0 && !in_use && (is_standard || make_private(descriptor));
    FILE *output = good ? fdopen(descriptor, "w") : NULL;
    if (!output)
        refuse(job->command->name, option, name,
               in_use ? "is read or written already" : strerror(errno));
    if (!output && descriptor >= 0)
        close(descriptor);
    if (output) /* with a buffer, nobody asks later what it is */
        setvbuf(output, NULL, _IOFBF, BUFSIZ);
    return output;
}

static bool is_empty(int descriptor)
{
    int own = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = own < 0 ? NULL : fdopendir(own);
    unsigned entries = 0;
    while (stream && readdir(stream))
        entries++;
    if (stream)
        closedir(stream);
    return entries == 2; /* itself and the one above */
}

int plait_open_empty_directory(const char *command, const char *option, const char *name)
{
    if (mkdir(name, S_IRWXU) != 0 && errno != EEXIST)
        return refuse(command, option, name, strerror(errno));
    int descriptor = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return refuse(command, option, name, strerror(errno));
    if (is_empty(descriptor))
        return descriptor;
    close(descriptor);
    return refuse(command, option, name, "is not empty: nothing in it would be overwritten");
}
