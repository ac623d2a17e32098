/* agent/place.c: socket addresses from text and to text.  May touch: its arguments. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "agent/agent.h"

static void fill_ipv4(struct sockaddr_storage *place, struct in_addr addr, uint16_t port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = addr};
    memset(place, 0, sizeof *place);
    memcpy(place, &in, sizeof in);
}

static void fill_ipv6(struct sockaddr_storage *place, struct in6_addr addr, uint16_t port)
{
    struct sockaddr_in6 in6 = {
        .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = addr};
    memset(place, 0, sizeof *place);
    memcpy(place, &in6, sizeof in6);
}

bool plait_agent_parse_place(const char *addr, uint16_t port, int family_of_any,
                             struct sockaddr_storage *place)
{
    if (strcmp(addr, "any") == 0)
        addr = family_of_any == AF_INET6 ? "any6" : "any4";
    struct in_addr v4 = {0};
    struct in6_addr v6 = IN6ADDR_ANY_INIT;
    if (strcmp(addr, "any4") == 0 || inet_pton(AF_INET, addr, &v4) == 1)
        fill_ipv4(place, v4, port);
    else if (strcmp(addr, "any6") == 0 || inet_pton(AF_INET6, addr, &v6) == 1)
        fill_ipv6(place, v6, port);
    else
        return false;
    return true;
}

socklen_t plait_agent_place_octets(const struct sockaddr_storage *place)
{
    return place->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
}

const char *plait_agent_place_text(const struct sockaddr_storage *place, char separator,
                                   char text[PLAIT_AGENT_PLACE_OCTETS])
{
    char addr[INET6_ADDRSTRLEN] = "-";
    const struct sockaddr_in *in = (const struct sockaddr_in *)place;
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)place;
    bool is_ipv6 = place->ss_family == AF_INET6;
    if (is_ipv6)
        inet_ntop(AF_INET6, &in6->sin6_addr, addr, sizeof addr);
    else if (place->ss_family == AF_INET)
        inet_ntop(AF_INET, &in->sin_addr, addr, sizeof addr);
    bool brackets = is_ipv6 && separator == ':';
    snprintf(text, PLAIT_AGENT_PLACE_OCTETS, brackets ? "[%s]%c%u" : "%s%c%u", addr, separator,
             ntohs(is_ipv6 ? in6->sin6_port : in->sin_port));
    return text;
}
