/** Test database: where the records of a hub under test are. SQLite in its folder, or, in vitest's project `postgres`, a new database of the run's server. */
import { newDatabase } from '@skerry/testkit/postgres-cluster'
import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** The server that the project's tests run on. */
    postgresUrl: string | undefined
  }
}

const urls = new Map<string, string>()

/** The PostgreSQL URL of the hub whose data is in the folder; undefined where it is SQLite. */
export async function databaseUrlFor(folder: string): Promise<string | undefined> {
  // Benchmarks start hubs, too.
  const server = process.env.VITEST === undefined ? undefined : inject('postgresUrl')
  if (server === undefined) return undefined
  const url = urls.get(folder) ?? (await newDatabase(server))
  urls.set(folder, url)
  return url
}
