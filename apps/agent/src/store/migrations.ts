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
]
