/*
 * Replay: readings that were recorded once, told again as if they were measured now, over and over.
 *
 * READINGS is a CSV file whose first line names the columns; EVERY_MS is how long a reading stands;
 * BEGAN_MS, since 1970, is when the first one was first told. Where it is follows from the clock
 * alone: equipment that was dead for a while comes back where it would have been, and two that
 * replay one recording are always at the same reading.
 */
#ifndef REPLAY_H
#define REPLAY_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { REPLAY_COLUMNS = 16, REPLAY_LINE = 4096 };

struct replay {
    char *names[REPLAY_COLUMNS];
    int columns;
    double (*readings)[REPLAY_COLUMNS];
    int count;
    long long every_ms, began_ms;
};

static inline int replay_heads(struct replay *it, char *line)
{
    for (char *name = strtok(line, ",\r\n"); name; name = strtok(NULL, ",\r\n")) {
        if (it->columns == REPLAY_COLUMNS)
            return 0;
        it->names[it->columns++] = strdup(name);
    }
    return it->columns > 0;
}

static inline int replay_row(struct replay *it, char *line)
{
    double(*more)[REPLAY_COLUMNS] = realloc(it->readings, (size_t)(it->count + 1) * sizeof *more);
    if (!more)
        return 0;
    it->readings = more;
    for (int i = 0; i < it->columns; i++) {
        char *end;
        more[it->count][i] = strtod(line, &end);
        if (end == line)
            return 0;
        line = *end == ',' ? end + 1 : end;
    }
    it->count++;
    return 1;
}

/* Of READINGS, EVERY_MS and BEGAN_MS; says whether they can be replayed. */
static inline int replay_open(struct replay *it, char **arguments)
{
    char line[REPLAY_LINE];
    FILE *file = fopen(arguments[0], "r");
    it->every_ms = atoll(arguments[1]);
    it->began_ms = atoll(arguments[2]);
    int is_fine = file && it->every_ms > 0 && fgets(line, sizeof line, file) && replay_heads(it, line);
    while (is_fine && fgets(line, sizeof line, file))
        is_fine = replay_row(it, line);
    if (file)
        fclose(file);
    return is_fine && it->count > 0;
}

/* The reading of now; NULL where nothing is replayed. */
static inline const double *replay_now(const struct replay *it)
{
    if (it->count == 0)
        return NULL;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    long long now_ms = now.tv_sec * 1000ll + now.tv_nsec / 1000000;
    long long at = (now_ms - it->began_ms) / it->every_ms % it->count;
    return it->readings[at < 0 ? 0 : at];
}

#endif
