/* lab/topology.c: the lab's own net, and the file of another, whose words are one table. */
#include "lab/topology.h"

#include <stdio.h>

enum {
    OWN_DELAY_MS = 2,
    OWN_MTU_OCTETS = 1500,
    MTU_LEAST_OCTETS = 1280, /* IPv6's (RFC 8200 §5) */
    DELAY_S_MAX = 1,
    ATTACKER_DELAY_S_MAX = 10,
    QUEUE_MS = 100, /* of a link with a rate, if the file does not say */
    QUEUE_LEAST_OCTETS = 15000,
    DISTANCE_FACTOR = 10
};

#define OWN_WAY                                                                                    \
    {                                                                                              \
        .of[PLAIT_WAY_DELAY_NS] = OWN_DELAY_MS * PLAIT_MS                                          \
    }
#define OWN_STRETCH                                                                                \
    {                                                                                              \
        .way = {OWN_WAY, OWN_WAY}, .mtu_octets = OWN_MTU_OCTETS                                    \
    }

const struct plait_topology plait_own_topology = {
    .path_count = 2,
    .paths = {{.name = "path1", .stretch = OWN_STRETCH}, {.name = "path2", .stretch = OWN_STRETCH}},
    .server = OWN_STRETCH,
    .attacker_delay_ns = OWN_DELAY_MS * PLAIT_MS,
    .families = PLAIT_FAMILY_BIT_IPV4 | PLAIT_FAMILY_BIT_IPV6,
};

const struct plait_topology *plait_topology_of(const struct plait_topology *given)
{
    return given->path_count ? given : &plait_own_topology;
}

/* ---- what follows from it ----------------------------------------------------------------- */

const char *plait_distance_name(enum plait_distance distance)
{
    static const char *const names[] = {"", "nearer", "farther"};
    return names[distance];
}

plait_time_ns plait_topology_attacker_delay_ns(const struct plait_topology *topology,
                                               enum plait_distance distance)
{
    uint64_t genuine_ns = topology->paths[0].stretch.way[PLAIT_UP].of[PLAIT_WAY_DELAY_NS];
    if (distance == PLAIT_AS_IT_IS)
        distance = topology->distance;
    return distance == PLAIT_NEARER    ? (plait_time_ns)(genuine_ns / DISTANCE_FACTOR)
           : distance == PLAIT_FARTHER ? (plait_time_ns)(genuine_ns * DISTANCE_FACTOR)
                                       : topology->attacker_delay_ns;
}

static plait_time_ns longest_way_ns(const struct plait_stretch *stretch)
{
    plait_time_ns longest_ns = 0;
    for (int way = 0; way < 2; way++) {
        const uint64_t *of = stretch->way[way].of;
        uint64_t rate = of[PLAIT_WAY_RATE_BITS_PER_S];
        uint64_t waits_ns = rate ? of[PLAIT_WAY_QUEUE_OCTETS] * 8 * (uint64_t)PLAIT_S / rate : 0;
        plait_time_ns ns =
            (plait_time_ns)(of[PLAIT_WAY_DELAY_NS] + of[PLAIT_WAY_REORDER_NS] + waits_ns);
        longest_ns = ns > longest_ns ? ns : longest_ns;
    }
    return longest_ns;
}

plait_time_ns plait_topology_slack_ns(const struct plait_topology *topology,
                                      enum plait_distance distance)
{
    plait_time_ns ns = plait_topology_attacker_delay_ns(topology, distance);
    for (unsigned i = 0; i < topology->path_count; i++) {
        plait_time_ns way_ns = longest_way_ns(&topology->paths[i].stretch);
        ns = way_ns > ns ? way_ns : ns;
    }
    ns += longest_way_ns(&topology->server) - 2 * OWN_DELAY_MS * PLAIT_MS;
    return ns > 0 ? 2 * ns : 0;
}

uint32_t plait_topology_mtu_octets(const struct plait_topology *topology)
{
    uint32_t least = topology->server.mtu_octets;
    for (unsigned i = 0; i < topology->path_count; i++)
        if (topology->paths[i].stretch.mtu_octets < least)
            least = topology->paths[i].stretch.mtu_octets;
    return least;
}

unsigned plait_topology_usable(const struct plait_topology *topology)
{
    unsigned usable = 0;
    for (unsigned i = 0; i < topology->path_count; i++)
        usable += !topology->paths[i].strips;
    return usable;
}

static bool stretch_has_chance(const struct plait_stretch *stretch)
{
    for (int way = 0; way < 2; way++)
        if (stretch->way[way].of[PLAIT_WAY_LOSS_PER_MILLION] ||
            stretch->way[way].of[PLAIT_WAY_DUPLICATE_PER_MILLION] ||
            stretch->way[way].of[PLAIT_WAY_REORDER_PER_MILLION])
            return true;
    return false;
}

bool plait_topology_has_chance(const struct plait_topology *topology)
{
    for (unsigned i = 0; i < topology->path_count; i++)
        if (stretch_has_chance(&topology->paths[i].stretch))
            return true;
    return stretch_has_chance(&topology->server);
}

/* ---- the words of a link ------------------------------------------------------------------ */

static const struct plait_quantity delay = {
    "a time", "25ms", plait_time_units, 0, DELAY_S_MAX *PLAIT_S, "0ms to 1s"};
static const struct plait_quantity rate = {"a rate", "20Mbit/s",   plait_rate_units,
                                           64000,    100000000000, "64kbit/s to 100Gbit/s"};
static const struct plait_quantity queue = {"a size", "250kB",  plait_size_units,
                                            1500,     64000000, "1500B to 64MB"};
static const struct plait_quantity share = {"a share", "0.1%", plait_share_units,
                                            0,         500000, "0% to 50%"};
static const struct plait_quantity far = {
    "a time", "25ms", plait_time_units, 0, ATTACKER_DELAY_S_MAX *PLAIT_S, "0ms to 10s"};

#define BOTH_WAYS(word, property, quantity)                                                        \
    {word, property, 3, quantity}, {word "-up", property, 1, quantity},                            \
    {                                                                                              \
        word "-down", property, 2, quantity                                                        \
    }

/* Of each property the word for both ways stands before those for one. */
static const struct {
    const char *word;
    enum plait_way_property property;
    unsigned ways; /* bits of enum plait_way_index */
    const struct plait_quantity *quantity;
} properties[] = {
    BOTH_WAYS("delay", PLAIT_WAY_DELAY_NS, &delay),
    BOTH_WAYS("rate", PLAIT_WAY_RATE_BITS_PER_S, &rate),
    BOTH_WAYS("queue", PLAIT_WAY_QUEUE_OCTETS, &queue),
    BOTH_WAYS("loss", PLAIT_WAY_LOSS_PER_MILLION, &share),
    BOTH_WAYS("duplicate", PLAIT_WAY_DUPLICATE_PER_MILLION, &share),
    BOTH_WAYS("reorder", PLAIT_WAY_REORDER_PER_MILLION, &share),
    BOTH_WAYS("reorder-by", PLAIT_WAY_REORDER_NS, &delay),
};
enum { PROPERTIES = sizeof properties / sizeof properties[0] };

/* All words that may stand behind `path NAME`; behind `server` those of boxes may not. */
static const char *const path_words[] = {
    "delay",           "delay-up",   "delay-down",   "rate",         "rate-up",
    "rate-down",       "queue",      "queue-up",     "queue-down",   "loss",
    "loss-up",         "loss-down",  "duplicate",    "duplicate-up", "duplicate-down",
    "reorder",         "reorder-up", "reorder-down", "reorder-by",   "reorder-by-up",
    "reorder-by-down", "mtu",        "nat",          "strip-mptcp",  NULL};

struct reading { /* of one line of a link */
    struct plait_lines *lines;
    unsigned at;                         /* the next word */
    unsigned seen[PLAIT_WAY_PROPERTIES]; /* ways that were said */
    bool has_mtu;
};

/* The word behind the present one, or NULL and refused. */
static const char *value_of(struct reading *r)
{
    if (r->at + 1 < r->lines->count)
        return r->lines->word[r->at + 1];
    (void)plait_lines_refuse(r->lines, "%s: a value was expected behind it", r->lines->word[r->at]);
    return NULL;
}

static bool read_property(struct reading *r, int which, struct plait_stretch *stretch)
{
    const char *word = properties[which].word, *text = value_of(r);
    unsigned ways = properties[which].ways, property = properties[which].property;
    uint64_t value;
    if (!text)
        return false;
    if (r->seen[property] & ways)
        return plait_lines_refuse(r->lines, "%s: was said before in this line", word);
    r->seen[property] |= ways;
    if (!plait_lines_quantity(r->lines, word, text, properties[which].quantity, &value))
        return false;
    for (unsigned way = 0; way < 2; way++)
        if (ways >> way & 1)
            stretch->way[way].of[property] = value;
    r->at += 2;
    return true;
}

static bool read_mtu(struct reading *r, struct plait_stretch *stretch)
{
    const char *text = value_of(r);
    if (!text)
        return false;
    unsigned mtu = 0;
    size_t digits = strspn(text, "0123456789");
    if (text[digits] == '\0' && digits <= 4)
        for (const char *at = text; *at; at++)
            mtu = 10 * mtu + (unsigned)(*at - '0');
    if (r->has_mtu)
        return plait_lines_refuse(r->lines, "mtu: was said before in this line");
    if (mtu < MTU_LEAST_OCTETS || mtu > OWN_MTU_OCTETS)
        return plait_lines_refuse(r->lines, "mtu %s: a number of octets was expected, %d to %d",
                                  text, MTU_LEAST_OCTETS, OWN_MTU_OCTETS);
    r->has_mtu = true;
    stretch->mtu_octets = mtu;
    r->at += 2;
    return true;
}

/* What goes together, and what the file left to us. */
static bool complete(struct reading *r, struct plait_stretch *stretch)
{
    for (int way = 0; way < 2; way++) {
        uint64_t *of = stretch->way[way].of;
        uint64_t wait = of[PLAIT_WAY_RATE_BITS_PER_S] / (8 * 1000 / QUEUE_MS);
        if (of[PLAIT_WAY_QUEUE_OCTETS] && !of[PLAIT_WAY_RATE_BITS_PER_S])
            return plait_lines_refuse(r->lines, "queue: `rate` was expected beside it");
        if (!of[PLAIT_WAY_REORDER_PER_MILLION] != !of[PLAIT_WAY_REORDER_NS])
            return plait_lines_refuse(r->lines,
                                      "reorder: both `reorder SHARE` and `reorder-by TIME` "
                                      "were expected");
        if (of[PLAIT_WAY_RATE_BITS_PER_S] && !of[PLAIT_WAY_QUEUE_OCTETS])
            of[PLAIT_WAY_QUEUE_OCTETS] = wait < QUEUE_LEAST_OCTETS ? QUEUE_LEAST_OCTETS
                                         : wait > queue.most       ? queue.most
                                                                   : wait;
    }
    return true;
}

static int property_named(const char *word)
{
    for (int i = 0; i < PROPERTIES; i++)
        if (strcmp(properties[i].word, word) == 0)
            return i;
    return -1;
}

/* The words from AT on; NAT and STRIPS are NULL where there are no boxes. */
static bool read_link(struct plait_lines *lines, unsigned at, struct plait_stretch *stretch,
                      bool *nat, bool *strips)
{
    struct reading r = {.lines = lines, .at = at};
    *stretch = (struct plait_stretch)OWN_STRETCH;
    while (r.at < lines->count) {
        const char *word = lines->word[r.at];
        int property = property_named(word);
        bool *box = !strcmp(word, "nat") ? nat : !strcmp(word, "strip-mptcp") ? strips : NULL;
        if (property >= 0) {
            if (!read_property(&r, property, stretch))
                return false;
        } else if (strcmp(word, "mtu") == 0) {
            if (!read_mtu(&r, stretch))
                return false;
        } else if (box) {
            *box = true;
            r.at++;
        } else if (!nat && (!strcmp(word, "nat") || !strcmp(word, "strip-mptcp"))) {
            return plait_lines_refuse(lines, "%s: only a path may have it", word);
        } else {
            return plait_lines_refuse_word(lines, word, "word of a link", path_words);
        }
    }
    return complete(&r, stretch);
}

/* ---- the file ----------------------------------------------------------------------------- */

struct file {
    struct plait_lines lines;
    struct plait_topology *topology;
    char dialled[PLAIT_WORD_OCTETS]; /* as the file names it */
    unsigned dial_line, server_line, attacker_line, family_line;
};

static bool is_path_name(const char *name)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return name[length] == '\0' && length > 0 && length < PLAIT_PATH_NAME_OCTETS &&
           name[0] >= 'a' && name[0] <= 'z' && strcmp(name, "lo") && strcmp(name, "all") &&
           strcmp(name, "default"); /* which a kernel takes for itself */
}

static int path_named(const struct plait_topology *topology, const char *name)
{
    for (unsigned i = 0; i < topology->path_count; i++)
        if (strcmp(topology->paths[i].name, name) == 0)
            return (int)i;
    return -1;
}

static bool read_path(struct file *f)
{
    struct plait_topology *t = f->topology;
    const char *name = f->lines.word[1];
    if (f->lines.count < 2 || !is_path_name(name))
        return plait_lines_refuse(&f->lines,
                                  "path %s: a name was expected, of 1 to %d small letters, digits "
                                  "and dashes, a letter first",
                                  f->lines.count < 2 ? "" : name, PLAIT_PATH_NAME_OCTETS - 1);
    if (path_named(t, name) >= 0)
        return plait_lines_refuse(&f->lines, "path %s: there is one of that name", name);
    if (t->path_count == PLAIT_PATHS_MAX)
        return plait_lines_refuse(&f->lines, "path %s: at most %d paths were expected", name,
                                  PLAIT_PATHS_MAX);
    struct plait_path_config *path = &t->paths[t->path_count++];
    memcpy(path->name, name, strlen(name) + 1); /* is_path_name: it fits */
    return read_link(&f->lines, 2, &path->stretch, &path->nat, &path->strips);
}

/* `WORD VALUE` alone, once in a file. */
static bool has_one_value(struct file *f, unsigned *line, const char *form)
{
    if (*line)
        return plait_lines_refuse(&f->lines, "%s: stands in line %u already", f->lines.word[0],
                                  *line);
    *line = f->lines.line;
    return f->lines.count == 2 || plait_lines_refuse(&f->lines, "`%s` was expected", form);
}

static bool read_dial(struct file *f)
{
    if (!has_one_value(f, &f->dial_line, "dial NAME"))
        return false;
    memcpy(f->dialled, f->lines.word[1], sizeof f->dialled);
    return true;
}

static bool read_server(struct file *f)
{
    if (f->server_line)
        return plait_lines_refuse(&f->lines, "server: stands in line %u already", f->server_line);
    f->server_line = f->lines.line;
    return read_link(&f->lines, 1, &f->topology->server, NULL, NULL);
}

static bool read_attacker(struct file *f)
{
    static const char *const words[] = {"delay", "nearer", "farther", NULL};
    bool has_delay = f->lines.count == 3 && strcmp(f->lines.word[1], "delay") == 0;
    if (has_delay)
        f->lines.count = 2;
    if (!has_one_value(f, &f->attacker_line,
                       "attacker delay TIME, attacker nearer or attacker farther"))
        return false;
    const char *word = f->lines.word[1];
    uint64_t delay_ns;
    if (has_delay) {
        if (!plait_lines_quantity(&f->lines, word, f->lines.word[2], &far, &delay_ns))
            return false;
        f->topology->attacker_delay_ns = (plait_time_ns)delay_ns;
        return true;
    }
    for (int distance = PLAIT_NEARER; distance <= PLAIT_FARTHER; distance++)
        if (strcmp(word, words[distance]) == 0) {
            f->topology->distance = (enum plait_distance)distance;
            return true;
        }
    if (strcmp(word, "delay") == 0)
        return plait_lines_refuse(&f->lines, "delay: a value was expected behind it");
    return plait_lines_refuse_word(&f->lines, word, "place of an attacker", words);
}

static const char *const families[] = {"ipv4", "ipv6", "both", NULL}; /* bits, less 1 */

static bool read_family(struct file *f)
{
    if (!has_one_value(f, &f->family_line, "family ipv4, family ipv6 or family both"))
        return false;
    for (unsigned i = 0; families[i]; i++)
        if (strcmp(families[i], f->lines.word[1]) == 0) {
            f->topology->families = i + 1;
            return true;
        }
    return plait_lines_refuse_word(&f->lines, f->lines.word[1], "family", families);
}

static bool read_line(struct file *f)
{
    static const struct {
        const char *word;
        bool (*read)(struct file *f);
    } kinds[] = {{"path", read_path},
                 {"dial", read_dial},
                 {"server", read_server},
                 {"attacker", read_attacker},
                 {"family", read_family}};
    static const char *const words[] = {"path", "dial", "server", "attacker", "family", NULL};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].word, f->lines.word[0]) == 0)
            return kinds[i].read(f);
    return plait_lines_refuse_word(&f->lines, f->lines.word[0], "kind of line", words);
}

/* To FRONT, and the others stay in their order. */
static void move_to(struct plait_topology *t, unsigned front, unsigned from)
{
    struct plait_path_config moved = t->paths[from];
    memmove(&t->paths[front + 1], &t->paths[front], (from - front) * sizeof t->paths[0]);
    t->paths[front] = moved;
}

static void put_stripped_last(struct plait_topology *t)
{
    for (unsigned i = 1, front = 1; i < t->path_count; i++)
        if (!t->paths[i].strips)
            move_to(t, front++, i);
}

static bool put_in_order(struct file *f)
{
    struct plait_topology *t = f->topology;
    int dialled = f->dial_line ? path_named(t, f->dialled) : 0;
    if (dialled < 0) {
        const char *names[PLAIT_PATHS_MAX + 1] = {NULL};
        for (unsigned i = 0; i < t->path_count; i++)
            names[i] = t->paths[i].name;
        f->lines.line = f->dial_line;
        return plait_lines_refuse_word(&f->lines, f->dialled, "path", names);
    }
    move_to(t, 0, (unsigned)dialled);
    put_stripped_last(t);
    return true;
}

bool plait_topology_parse(const void *octets, size_t length_octets, struct plait_topology *topology,
                          struct plait_line_error *error)
{
    struct file f = {.lines = plait_lines(octets, length_octets, error), .topology = topology};
    *topology = (struct plait_topology){.server = OWN_STRETCH,
                                        .attacker_delay_ns = OWN_DELAY_MS * PLAIT_MS,
                                        .families = plait_own_topology.families};
    while (plait_lines_next(&f.lines))
        if (!read_line(&f))
            return false;
    if (error->text[0])
        return false;
    if (topology->path_count == 0)
        return plait_lines_refuse(&f.lines, "has no path: `path NAME delay TIME ...` was expected");
    return put_in_order(&f);
}

/* ---- printing ----------------------------------------------------------------------------- */

static void print_stretch(const struct plait_stretch *stretch, struct plait_text *text)
{
    for (int i = 0; i < PROPERTIES; i += 3) {
        uint64_t up = stretch->way[PLAIT_UP].of[properties[i].property];
        uint64_t down = stretch->way[PLAIT_DOWN].of[properties[i].property];
        bool is_delay = properties[i].property == PLAIT_WAY_DELAY_NS;
        for (int word = 0; word < 3; word++) {
            uint64_t value = word == 2 ? down : up;
            if ((up == down) != (word == 0) || !(value || is_delay))
                continue;
            plait_text_add(text, " %s ", properties[i + word].word);
            plait_quantity_print(text, properties[i].quantity, value);
        }
    }
    plait_text_add(text, " mtu %u", stretch->mtu_octets);
}

void plait_topology_print(const struct plait_topology *topology, struct plait_text *text)
{
    for (unsigned i = 0; i < topology->path_count; i++) {
        const struct plait_path_config *path = &topology->paths[i];
        plait_text_add(text, "path %s", path->name);
        print_stretch(&path->stretch, text);
        plait_text_add(text, "%s%s\n", path->nat ? " nat" : "", path->strips ? " strip-mptcp" : "");
    }
    plait_text_add(text, "server");
    print_stretch(&topology->server, text);
    plait_text_add(text, "\nattacker ");
    if (topology->distance) {
        plait_text_add(text, "%s\n", plait_distance_name(topology->distance));
    } else {
        plait_text_add(text, "delay ");
        plait_quantity_print(text, &far, (uint64_t)topology->attacker_delay_ns);
        plait_text_add(text, "\n");
    }
    plait_text_add(text, "family %s\n", families[topology->families - 1]);
}
