/**
 * Test database: the records of a hub under test. It is SQLite in its folder, or, in vitest's project `postgres`, a new
 * database of the run's server.
 */
import { newDatabase } from '@skerry/testkit/postgres-cluster'
import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** The server that the project's tests run on. */
    postgresUrl: string | undefined
  }
}

const urls = new Map<string, string>()

/** The PostgreSQL URL of the hub with this data folder; undefined if it uses SQLite. */
export async function databaseUrlFor(folder: string): Promise<string | undefined> {
  // The benchmarks start hubs as well.
  const server = process.env.VITEST === undefined ? undefined : inject('postgresUrl')
  if (server === undefined) return undefined
  const url = urls.get(folder) ?? (await newDatabase(server))
  urls.set(folder, url)
  return url
}
