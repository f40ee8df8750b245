/** Open store: opens PostgreSQL if there is a URL, or the SQLite file of the data folder. */
import type { Log } from '@skerry/platform/process/log'
import { type OpenPostgresResult, openPostgresStore, type PostgresOptions } from './postgres-store.ts'
import { type OpenStoreResult, openSqliteStore } from './sqlite-store.ts'

export type StoreOptions = Omit<PostgresOptions, 'url' | 'log'> & {
  databaseUrl: string | undefined
  path: string
  log: Pick<Log, 'info' | 'warn'>
}

export const openStore = ({
  databaseUrl,
  path,
  ...options
}: StoreOptions): Promise<OpenStoreResult | OpenPostgresResult> =>
  databaseUrl === undefined
    ? openSqliteStore(path, options.nowMs, options.log)
    : openPostgresStore({ ...options, url: databaseUrl })
