/* report/document.c: the schema of docs/RECORDS.md as tables, and what refuses a document. */
#include "report/document.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/panic.h"
#include "base/text.h"
#include "report/words.h"
#include "terminal/utf8.h"

/* ---- the schema --------------------------------------------------------------------------- */

enum type { TEXT = 1, COUNT = 2, NUMBER = 4, BOOL = 8, OBJECT = 16, ARRAY = 32, NONE = 64 };

struct field {
    const char *name;
    unsigned types;                         /* of enum type; 0 = anything */
    const char *const *words;               /* the only texts allowed, or NULL */
    const char *(*refuse)(const json_t *v); /* what is wrong with a value of the right type */
    const struct field *inside;             /* fields of the object, or of each of the array's */
    size_t elements_max;
    bool optional;
};

static const char *refuse_hex(const json_t *value)
{
    const char *text = json_string_value(value);
    size_t length = strlen(text);
    if (strncmp(text, "0x", 2) || length < 3 || length > 18)
        return "is no 64-bit number in hexadecimal";
    for (text += 2; *text; text++)
        if (!isxdigit((unsigned char)*text))
            return "is no 64-bit number in hexadecimal";
    return NULL;
}

static const char *refuse_date(const json_t *value)
{
    return plait_is_date(json_string_value(value)) ? NULL : "is no date like 2027-01-31";
}

static const char *refuse_price(const json_t *value)
{
    double price_log2 = json_number_value(value);
    /* Below 0 where one packet of the attacker's makes others send several (goal reflect). */
    return price_log2 >= -64 && price_log2 <= 4096 ? NULL : "is no logarithm from -64 to 4096";
}

static const char *refuse_schema(const json_t *value)
{
    return json_integer_value(value) == 1 ? NULL : "is no schema that this version reads (1)";
}

static const char *refuse_family(const json_t *value)
{
    json_int_t family = json_integer_value(value);
    return family == 4 || family == 6 ? NULL : "is neither 4 nor 6";
}

static const char *refuse_id(const json_t *value)
{
    size_t length = json_string_length(value);
    return length > 0 && length < 256 ? NULL : "has not 1 to 255 octets";
}

/* A report may be moved or unpacked anywhere: what it names lies below it. */
static const char *refuse_path(const json_t *value)
{
    const char *text = json_string_value(value);
    if (text[0] == '/' || strncmp(text, "../", 3) == 0 || strstr(text, "/../"))
        return "is no path below the report";
    return NULL;
}

static const char *refuse_no_texts(const json_t *value)
{
    if (json_array_size(value) > 64)
        return "has more than 64 elements";
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!json_is_string(json_array_get(value, i)))
            return "holds something that is no text";
    return NULL;
}

static const struct field cost_fields[] = {
    {.name = "packets", .types = NUMBER | NONE},
    {.name = "octets", .types = NUMBER | NONE},
    {.name = "guessed_bits", .types = NUMBER | NONE},
    {.name = "price_log2", .types = NUMBER | NONE, .refuse = refuse_price},
    {.name = "duration_ns", .types = COUNT | NONE},
    {0},
};

static const struct field after_fields[] = {
    {.name = "since", .types = TEXT},
    {.name = "lasted_ns", .types = COUNT},
    {.name = "watched_ns", .types = COUNT},
    {.name = "lasting", .types = BOOL},
    {0},
};

static const struct field tcp_fields[] = {
    {.name = "attack", .types = TEXT | NONE},
    {.name = "outcome", .types = TEXT | NONE, .words = plait_outcome_words},
    {.name = "cost", .types = OBJECT | NONE, .inside = cost_fields},
    {0},
};

static const struct field path_fields[] = {
    {.name = "path", .types = COUNT | NONE},
    {.name = "attack", .types = TEXT | NONE},
    {.name = "outcome", .types = TEXT | NONE, .words = plait_outcome_words},
    {.name = "cost", .types = OBJECT | NONE, .inside = cost_fields},
    {.name = "after", .types = OBJECT | NONE, .inside = after_fields},
    {0},
};

static const struct field goal_fields[] = {
    {.name = "goal", .types = TEXT},
    {.name = "reached", .types = BOOL | NONE},
    {.name = "measure", .types = NUMBER | NONE},
    {.name = "unit", .types = TEXT | NONE},
    {.name = "octets", .types = COUNT | NONE},
    {.name = "evidence", .types = TEXT | NONE},
    {.name = "outcome", .types = TEXT | NONE, .words = plait_outcome_words},
    {.name = "versus_tcp", .types = TEXT | NONE, .words = plait_versus_words},
    {.name = "cost", .types = OBJECT | NONE, .inside = cost_fields},
    {.name = "after", .types = OBJECT | NONE, .inside = after_fields},
    {.name = "tcp", .types = ARRAY | NONE, .inside = path_fields, .elements_max = 64},
    {0},
};

static const struct field target_fields[] = {
    {.name = "client", .types = TEXT | NONE},
    {.name = "server", .types = TEXT | NONE},
    {.name = "device", .types = TEXT | NONE},
    {0},
};

static const struct field control_fields[] = {
    {.name = "clean", .types = BOOL | NONE},
    {.name = "note", .types = TEXT | NONE},
    {0},
};

static const struct field stripped_fields[] = {
    {.name = "outcome", .types = TEXT | NONE, .words = plait_outcome_words},
    {.name = "goals", .types = OBJECT | NONE},
    {0},
};

/* The same script with the grant breaks; a control case's genuine act stays clean. */
static const char *const witness_words[] = {"broken", "clean", NULL};

static const struct field witness_fields[] = {
    {.name = "grant", .types = TEXT | NONE},
    {.name = "outcome", .types = TEXT | NONE, .words = witness_words},
    {0},
};

static const struct field ladder_fields[] = {
    {.name = "at_ns", .types = COUNT},      {.name = "from", .types = TEXT | NONE},
    {.name = "to", .types = TEXT | NONE},   {.name = "text", .types = TEXT | NONE},
    {.name = "note", .types = TEXT | NONE}, {0},
};

static const struct field repeat_fields[] = {
    {.name = "runs", .types = COUNT},
    {.name = "differing", .types = COUNT},
    {.name = "verdicts", .types = OBJECT | NONE},
    {0},
};

static const struct field known_fields[] = {
    {.name = "reason", .types = TEXT},
    {.name = "until", .types = TEXT, .refuse = refuse_date},
    {0},
};

/* LINES are texts, which are checked like all texts. */
static const struct field file_fields[] = {
    {.name = "file", .types = TEXT},
    {.name = "lines", .types = ARRAY, .refuse = refuse_no_texts},
    {0},
};
/* Data planes of Basic MPTCP (docs/mechanisms/basic.md). */
static const char *const model_words[] = {"single", "mapped", NULL};

static const struct field cell_fields[] = {
    {.name = "id", .types = TEXT, .refuse = refuse_id},
    {.name = "threat", .types = TEXT, .refuse = refuse_id},
    {.name = "title", .types = TEXT | NONE},
    {.name = "kind", .types = TEXT, .words = plait_kind_words},
    {.name = "section", .types = TEXT | NONE},
    {.name = "form", .types = TEXT | NONE},
    {.name = "victim", .types = TEXT | NONE},
    {.name = "workload", .types = TEXT | NONE},
    {.name = "position", .types = TEXT | NONE},
    {.name = "spoofing", .types = BOOL | NONE},
    {.name = "family", .types = COUNT | NONE, .refuse = refuse_family},
    {.name = "target", .types = OBJECT | NONE, .inside = target_fields},
    {.name = "mechanism", .types = TEXT},
    {.name = "model", .types = TEXT | NONE, .words = model_words},
    {.name = "variant_of", .types = TEXT | NONE},
    {.name = "policy", .types = TEXT | NONE},
    {.name = "outcome", .types = TEXT, .words = plait_outcome_words},
    {.name = "reason", .types = TEXT | NONE},
    {.name = "stopped_by", .types = TEXT | NONE},
    {.name = "goal", .types = TEXT | NONE},
    {.name = "versus_tcp", .types = TEXT | NONE, .words = plait_versus_words},
    {.name = "goals", .types = ARRAY, .inside = goal_fields, .elements_max = 64},
    {.name = "cost", .types = OBJECT | NONE, .inside = cost_fields},
    {.name = "tcp", .types = OBJECT | NONE, .inside = tcp_fields},
    {.name = "control", .types = OBJECT | NONE, .inside = control_fields},
    {.name = "stripped", .types = OBJECT | NONE, .inside = stripped_fields},
    {.name = "witness", .types = OBJECT | NONE, .inside = witness_fields},
    {.name = "armed", .types = BOOL | NONE},
    {.name = "auditor", .types = OBJECT | NONE},
    {.name = "settings", .types = OBJECT | NONE},
    {.name = "path_manager", .types = OBJECT | NONE},
    {.name = "counters", .types = OBJECT | NONE},
    {.name = "invalid_octets", .types = COUNT | NONE},
    {.name = "ladder",
     .types = ARRAY | NONE,
     .inside = ladder_fields,
     .elements_max = PLAIT_DOCUMENT_LADDER_MAX},
    {.name = "seed", .types = TEXT | NONE, .refuse = refuse_hex},
    {.name = "rerun", .types = TEXT | NONE},
    {.name = "pcapng", .types = TEXT | NONE, .refuse = refuse_path},
    {.name = "repeat", .types = OBJECT | NONE, .inside = repeat_fields},
    {.name = "lateness_ns", .types = COUNT | NONE},
    {.name = "late_repeats", .types = COUNT | NONE},
    {.name = "deployable", .types = BOOL | NONE, .optional = true},
    {.name = "known", .types = OBJECT | NONE, .inside = known_fields, .optional = true},
    {.name = "topology_file", .types = OBJECT, .inside = file_fields, .optional = true},
    {.name = "workload_file", .types = OBJECT, .inside = file_fields, .optional = true},
    {0},
};

static const struct field late_fields[] = {
    {.name = "limit_ns", .types = COUNT},
    {.name = "repeated_runs", .types = COUNT},
    {.name = "repeats", .types = COUNT},
    {.name = "worst_ns", .types = COUNT},
    {0},
};

static const struct field document_fields[] = {
    {.name = "schema", .types = COUNT, .refuse = refuse_schema},
    {.name = "plait", .types = TEXT},
    {.name = "target", .types = TEXT},
    {.name = "kernel", .types = TEXT | NONE},
    {.name = "seed", .types = TEXT, .refuse = refuse_hex},
    {.name = "duration_ns", .types = COUNT | NONE},
    {.name = "complete", .types = BOOL},
    {.name = "late", .types = OBJECT | NONE, .inside = late_fields},
    {.name = "topology_file", .types = OBJECT, .inside = file_fields, .optional = true},
    {.name = "workload_file", .types = OBJECT, .inside = file_fields, .optional = true},
    {.name = "cells",
     .types = ARRAY,
     .inside = cell_fields,
     .elements_max = PLAIT_DOCUMENT_CELLS_MAX},
    {0},
};

/* ---- refusing ----------------------------------------------------------------------------- */

struct step {
    const char *name; /* of a member; NULL: an element */
    size_t index;
};

/* Where the check is now: a text only for who is refused, since a document has a million places. */
struct checker {
    struct step steps[PLAIT_DOCUMENT_DEPTH_MAX + 1];
    unsigned depth;
    struct plait_text error;
};

static void enter(struct checker *c, struct step step)
{
    PLAIT_CHECK(c->depth <= PLAIT_DOCUMENT_DEPTH_MAX); /* what is nested deeper is refused */
    c->steps[c->depth++] = step;
}

static void enter_name(struct checker *c, const char *name)
{
    enter(c, (struct step){.name = name});
}

static void enter_index(struct checker *c, size_t index)
{
    enter(c, (struct step){.index = index});
}

static void leave(struct checker *c)
{
    c->depth--;
}

static bool refuse(struct checker *c, const char *why)
{
    char where[160];
    struct plait_text text = plait_text(where, sizeof where);
    for (unsigned i = 0; i < c->depth; i++)
        if (c->steps[i].name)
            plait_text_add(&text, "%s%s", i ? "." : "", c->steps[i].name);
        else
            plait_text_add(&text, "[%zu]", c->steps[i].index);
    plait_text_add(&c->error, "%s%s%s", where, c->depth ? ": " : "", why);
    return false;
}

static bool check_text(struct checker *c, const char *text)
{
    if (strlen(text) > PLAIT_DOCUMENT_TEXT_MAX)
        return refuse(c, "text is longer than 4096 octets");
    while (*text)
        if (*text >= ' ' && *text < 0x7f) /* nearly all are */
            text++;
        else if (plait_utf8_is_control(plait_utf8_take(&text)))
            return refuse(c, "text holds a control character");
    return true;
}

static bool check_depth(struct checker *c, const json_t *value, unsigned depth);

static bool check_members(struct checker *c, const json_t *object, unsigned depth)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        if (!check_text(c, name)) /* before it may appear in a message */
            return false;
        enter_name(c, name);
        if (!check_depth(c, value, depth + 1))
            return false;
        leave(c);
    }
    return true;
}

static bool check_elements(struct checker *c, const json_t *array, unsigned depth)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        enter_index(c, i);
        if (!check_depth(c, json_array_get(array, i), depth + 1))
            return false;
        leave(c);
    }
    return true;
}

/* What holds for every value, known to the schema or not. */
static bool check_depth(struct checker *c, const json_t *value, unsigned depth)
{
    if (depth > PLAIT_DOCUMENT_DEPTH_MAX)
        return refuse(c, "is nested deeper than 12");
    if (json_is_string(value))
        return check_text(c, json_string_value(value));
    if (json_is_object(value))
        return check_members(c, value, depth);
    return json_is_array(value) ? check_elements(c, value, depth) : true;
}

/* ---- checking against the tables ----------------------------------------------------------- */

static unsigned types_of(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        return TEXT;
    case JSON_INTEGER:
        return json_integer_value(value) < 0 ? NUMBER : COUNT | NUMBER;
    case JSON_REAL:
        return NUMBER;
    case JSON_OBJECT:
        return OBJECT;
    case JSON_ARRAY:
        return ARRAY;
    case JSON_NULL:
        return NONE;
    default:
        return BOOL;
    }
}

static bool refuse_type(struct checker *c, unsigned types)
{
    static const char *const names[] = {"a text",    "a count",  "a number", "true or false",
                                        "an object", "an array", "null"};
    char why[128];
    struct plait_text text = plait_text(why, sizeof why);
    const char *join = "is not ";
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        if (!(types & 1u << i))
            continue;
        plait_text_add(&text, "%s%s", join, names[i]);
        join = " or ";
    }
    return refuse(c, why);
}

static bool check_word(struct checker *c, const char *const *words, const char *word)
{
    for (const char *const *w = words; *w; w++)
        if (strcmp(*w, word) == 0)
            return true;
    char why[256];
    struct plait_text text = plait_text(why, sizeof why);
    plait_text_add(&text, "\"%.32s\" is none of", word);
    for (const char *const *w = words; *w; w++)
        plait_text_add(&text, "%s %s", w == words ? "" : ",", *w);
    return refuse(c, why);
}

static bool check_object(struct checker *c, const struct field *fields, const json_t *object);

static bool check_array(struct checker *c, const struct field *field, const json_t *array)
{
    if (json_array_size(array) > field->elements_max)
        return refuse(c, "has more elements than the stated limit");
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *element = json_array_get(array, i);
        enter_index(c, i);
        if (!json_is_object(element))
            return refuse_type(c, OBJECT);
        if (!check_object(c, field->inside, element))
            return false;
        leave(c);
    }
    return true;
}

static bool check_value(struct checker *c, const struct field *field, const json_t *value)
{
    if (field->types && !(types_of(value) & field->types))
        return refuse_type(c, field->types);
    if (json_is_null(value))
        return true;
    if (field->words && !check_word(c, field->words, json_string_value(value)))
        return false;
    const char *why = field->refuse ? field->refuse(value) : NULL;
    if (why)
        return refuse(c, why);
    if (!field->inside)
        return true;
    return json_is_array(value) ? check_array(c, field, value)
                                : check_object(c, field->inside, value);
}

static bool check_object(struct checker *c, const struct field *fields, const json_t *object)
{
    for (const struct field *field = fields; field->name; field++) {
        const json_t *value = json_object_get(object, field->name);
        if (!value && field->optional)
            continue;
        enter_name(c, field->name);
        if (!value)
            return refuse(c, "is missing");
        if (!check_value(c, field, value))
            return false;
        leave(c);
    }
    return true;
}

/* An ID names one cell: `diff` and `--expect` rest on it. */
static bool check_unique(struct checker *c, const json_t *cells)
{
    json_t *seen = json_object();
    bool unique = true;
    for (size_t i = 0; unique && i < json_array_size(cells); i++) {
        const char *id = plait_field(json_array_get(cells, i), "id", "");
        unique = !json_object_get(seen, id);
        if (!unique) {
            enter_name(c, "cells");
            enter_index(c, i);
            refuse(c, "id is that of an earlier cell");
        }
        json_object_set_new(seen, id, json_true());
    }
    json_decref(seen);
    return unique;
}

bool plait_document_check(const json_t *document, char *error, size_t error_octets)
{
    struct checker c = {.error = plait_text(error, error_octets)};
    if (!json_is_object(document))
        return refuse(&c, "is no document: no JSON object");
    return check_depth(&c, document, 0) && check_object(&c, document_fields, document) &&
           check_unique(&c, json_object_get(document, "cells"));
}

bool plait_is_date(const char *text)
{
    static const char form[] = "dddd-dd-dd";
    size_t i = 0;
    for (; form[i] && text[i]; i++)
        if (form[i] == 'd' ? !isdigit((unsigned char)text[i]) : text[i] != '-')
            return false;
    if (form[i] || text[i])
        return false;
    int month = atoi(text + 5), day = atoi(text + 8);
    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* ---- files -------------------------------------------------------------------------------- */

/* Reads to the end or one octet past the limit; -1 with errno. */
static ssize_t read_all(int fd, char **octets)
{
    size_t length = 0, room = 0;
    *octets = NULL;
    for (;;) {
        if (length == room) {
            room = room ? 2 * room : 65536;
            char *larger = realloc(*octets, room);
            if (!larger)
                return -1;
            *octets = larger;
        }
        ssize_t got = read(fd, *octets + length, room - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        length += (size_t)got;
        if (got == 0 || length > PLAIT_DOCUMENT_OCTETS_MAX)
            return (ssize_t)length;
    }
}

/* The parser's message may quote the file. */
static void only_printable(char *text)
{
    for (; *text; text++)
        if (!isprint((unsigned char)*text))
            *text = '?';
}

static json_t *parse(const char *octets, size_t length, struct plait_text *error)
{
    if (length > PLAIT_DOCUMENT_OCTETS_MAX) {
        plait_text_add(error, ": larger than 64 MiB");
        return NULL;
    }
    json_error_t at;
    json_t *document = json_loadb(octets, length, JSON_REJECT_DUPLICATES, &at);
    if (!document) {
        only_printable(at.text);
        plait_text_add(error, ":%d: no JSON: %s", at.line, at.text);
    }
    return document;
}

static json_t *parse_and_check(const char *octets, size_t length, struct plait_text *error)
{
    char why[512];
    json_t *document = parse(octets, length, error);
    if (!document || plait_document_check(document, why, sizeof why))
        return document;
    plait_text_add(error, ": %s", why);
    json_decref(document);
    return NULL;
}

json_t *plait_document_load(const char *file, char *error, size_t error_octets)
{
    struct plait_text text = plait_text(error, error_octets);
    plait_text_add(&text, "%s", file);
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    char *octets = NULL;
    ssize_t length = fd < 0 ? -1 : read_all(fd, &octets);
    json_t *document = NULL;
    if (length < 0)
        plait_text_add(&text, ": %s", strerror(errno));
    else
        document = parse_and_check(octets, (size_t)length, &text);
    free(octets);
    if (fd >= 0)
        close(fd);
    return document;
}
