/* report/answers.c: asks each question of the same matrix. */
#include "report/answers.h"

#include "report/after.h"
#include "report/conclusion.h"
#include "report/expected.h"
#include "report/matrix.h"
#include "report/reach.h"
#include "report/taxonomy.h"
#include "report/variants.h"

json_t *plait_answers(const json_t *document)
{
    struct plait_matrix *matrix = plait_matrix_new(document);
    json_t *answers = json_pack(
        "{s:o,s:o,s:o,s:o,s:o,s:o}", "conclusion", plait_conclusion(matrix), "taxonomy",
        plait_taxonomy(matrix), "positions", plait_reach(matrix), "after", plait_after(matrix),
        "literature", plait_expected_compare(matrix), "variants", plait_variants(document));
    plait_matrix_free(matrix);
    return answers;
}

void plait_render_answers(const struct plait_page *page, const json_t *answers)
{
    plait_render_taxonomy(page, json_object_get(answers, "taxonomy"));
    plait_render_reach(page, json_object_get(answers, "positions"));
    plait_render_after(page, json_object_get(answers, "after"));
    plait_render_variants(page, json_object_get(answers, "variants"));
    plait_render_expected(page, json_object_get(answers, "literature"));
}
