/* sensor/news.h: further inputs for a job that runs already: files that appear in a directory that
 * is followed are opened by the process that may, and handed over.
 * May touch: a socket, the directories. */
#ifndef PLAIT_SENSOR_NEWS_H
#define PLAIT_SENSOR_NEWS_H

#include "sensor/job.h"

struct plait_news;

/* Follows the directories among the operands of JOB, whose files are open already, and sets
 * job->news.  NULL if there is none, or nothing is followed. */
struct plait_news *plait_news_new(struct plait_job *job);
/* Looks once, and hands over what is new; called now and then.  False once nobody listens. */
bool plait_news_look(struct plait_news *news);
/* NULL is nothing. */
void plait_news_free(struct plait_news *news);

/* In the confined process, never waiting: adds to JOB the next input that came, if one did. */
bool plait_news_take(struct plait_job *job);

#endif
