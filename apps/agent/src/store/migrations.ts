/** The tables of the agent's database. Append only: devices that were off for years come back with any older form. */
import type { Migration } from '@skerry/platform/sqlite'

export const migrations: readonly Migration[] = [
  {
    name: 'items and facts',
    sql: `
      CREATE TABLE item (model TEXT PRIMARY KEY, life TEXT NOT NULL) STRICT;
      CREATE TABLE failure (model TEXT PRIMARY KEY, failures TEXT NOT NULL) STRICT;
      CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    `,
  },
  {
    name: 'jobs of batches',
    sql: `
      CREATE TABLE job (
        batch TEXT NOT NULL, attempt INTEGER NOT NULL, expires_at_ms INTEGER NOT NULL,
        begun TEXT, result TEXT, heard INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (batch, attempt)
      ) STRICT;
    `,
  },
  {
    name: 'journal of local actions',
    sql: `
      CREATE TABLE journal (sequence INTEGER PRIMARY KEY, entry TEXT NOT NULL) STRICT;
      CREATE TABLE journal_note (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    `,
  },
]
