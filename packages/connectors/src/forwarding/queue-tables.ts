/** Queue tables: how a queue lies in SQLite. A batch is one row: a row for each value would cost ten times as much. */
import type { Migration } from '@skerry/platform/files/sqlite'

export const QUEUE_MIGRATIONS: readonly Migration[] = [
  {
    name: 'queue',
    sql: `
      CREATE TABLE queue (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        stream TEXT NOT NULL,
        queue_ms INTEGER NOT NULL,
        wall_ms INTEGER NOT NULL,
        -- The newest set of losses of the reserve that is in the table of losses.
        reserve_serial INTEGER NOT NULL
      ) STRICT;
      -- next: the number of the next value. done: up to here all have been delivered, or are among the losses.
      CREATE TABLE lane (lane TEXT PRIMARY KEY, next INTEGER NOT NULL, done INTEGER NOT NULL) STRICT;
      CREATE TABLE batch (
        id INTEGER PRIMARY KEY,
        lane TEXT NOT NULL,
        first INTEGER NOT NULL,
        count INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        -- When it was stored, in the time of the queue; and when the first and the last of it were so.
        at_ms INTEGER NOT NULL,
        from_ms INTEGER NOT NULL,
        to_ms INTEGER NOT NULL,
        content BLOB NOT NULL
      ) STRICT;
      CREATE UNIQUE INDEX batch_lane ON batch (lane, first);
      CREATE TABLE loss (
        id INTEGER PRIMARY KEY,
        lane TEXT NOT NULL,
        reason TEXT NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        count INTEGER NOT NULL,
        from_ms INTEGER NOT NULL,
        to_ms INTEGER NOT NULL
      ) STRICT;
      -- The newest values that were refused for good, for a person to look at.
      CREATE TABLE aside (
        id INTEGER PRIMARY KEY,
        lane TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        code TEXT NOT NULL,
        message TEXT NOT NULL,
        value TEXT NOT NULL
      ) STRICT;
      -- How many more numbers there were than values that the counter had, when the queue was last opened.
      CREATE TABLE handed (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        counter TEXT NOT NULL,
        urgent INTEGER NOT NULL,
        normal INTEGER NOT NULL,
        bulk INTEGER NOT NULL
      ) STRICT;`,
  },
]
