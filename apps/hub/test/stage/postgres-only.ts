/** Postgres only: skips the tests of vitest's project `postgres` where there is no PostgreSQL; on SQLite they have run already. */
import { beforeEach, inject } from 'vitest'
import './test-database.ts'

beforeEach(({ skip }) => skip(inject('postgresUrl') === undefined, 'PostgreSQL is not installed'))
