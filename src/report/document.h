/* report/document.h: a document (docs/RECORDS.md) that may come from anywhere, checked.
 *
 * What has passed plait_document_check has every field with a type and word that the schema
 * allows, texts without control characters, and stays within the limits below.
 * May touch: the file it is told to read. */
#ifndef PLAIT_REPORT_DOCUMENT_H
#define PLAIT_REPORT_DOCUMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define PLAIT_DOCUMENT_OCTETS_MAX ((size_t)64 << 20)
#define PLAIT_DOCUMENT_CELLS_MAX  20000
#define PLAIT_DOCUMENT_LADDER_MAX 4096
#define PLAIT_DOCUMENT_TEXT_MAX   4096 /* octets of one text or name */
#define PLAIT_DOCUMENT_DEPTH_MAX  12

/* False with one line in ERROR, beginning with the place ("cells[3].outcome: ..."). */
bool plait_document_check(const json_t *document, char *error, size_t error_octets);

/* Reads and checks FILE.  NULL with one line in ERROR, beginning with the file's name. */
json_t *plait_document_load(const char *file, char *error, size_t error_octets);

/* "2027-01-31": such texts compare as dates do. */
bool plait_is_date(const char *text);

#endif
