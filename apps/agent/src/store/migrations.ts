/** The tables of the agent's database. After a release only append: devices that were off for years come back with any older form. */
import type { Migration } from '@skerry/platform/files/sqlite'

export const migrations: readonly Migration[] = [
  {
    name: 'first release',
    sql: `
      CREATE TABLE item (name TEXT PRIMARY KEY, life TEXT NOT NULL) STRICT;
      -- Failures of items that the device no longer has.
      CREATE TABLE failure (name TEXT PRIMARY KEY, failures TEXT NOT NULL) STRICT;
      CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
      -- Jobs of batches.
      CREATE TABLE job (
        batch TEXT NOT NULL, attempt INTEGER NOT NULL, expires_at_ms INTEGER NOT NULL,
        begun TEXT, result TEXT, heard INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (batch, attempt)
      ) STRICT;
      -- The journal of local actions.
      CREATE TABLE journal (sequence INTEGER PRIMARY KEY, entry TEXT NOT NULL) STRICT;
      CREATE TABLE journal_note (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    `,
  },
]
