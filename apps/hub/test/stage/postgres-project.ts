/** Postgres project: starts one PostgreSQL for all test files that vitest's project `postgres` runs on it. */
import { hasPostgres, startPostgres } from '@skerry/testkit/postgres-cluster'
import type { TestProject } from 'vitest/node'

/** Where there is none, the tests are skipped: each asks `hasPostgres`, by way of the setup file. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (!hasPostgres) return undefined
  const cluster = await startPostgres()
  project.provide('postgresUrl', cluster.url)
  return async () => cluster[Symbol.asyncDispose]()
}
