/**
 * Postgres only: skips the tests of vitest's project `postgres` if there is no PostgreSQL; they have already run on
 * SQLite.
 */
import { beforeEach, inject } from 'vitest'
import './test-database.ts'

beforeEach(({ skip }) => skip(inject('postgresUrl') === undefined, 'PostgreSQL is not installed'))
