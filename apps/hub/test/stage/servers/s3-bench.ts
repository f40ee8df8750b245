/** A bucket of a real S3 server, with the records beside it that hubs share. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { systemClock } from '@skerry/platform/process/clock'
import { createLog } from '@skerry/platform/process/log'
import type { BlobBytes } from '../../../src/blobs/blob-bytes.ts'
import { openS3Blobs, type S3BlobsOptions } from '../../../src/blobs/s3-blobs.ts'
import type { S3Location } from '../../../src/blobs/s3-location.ts'
import { openSqliteStore } from '../../../src/store/sqlite-store.ts'
import { createIncomingLedger, type IncomingLedger } from '../../../src/uploads/incoming-ledger.ts'
import { S3_CREDENTIALS, type S3Server, startS3Server } from './s3-server.ts'

export type S3Bench = AsyncDisposable & {
  server: S3Server
  /** As one of several hubs. */
  open(limits?: S3BlobsOptions['limits'], location?: S3Location): BlobBytes
  /** How far the clock of hubs opened from now on is ahead. */
  aheadMs: number
  /** Calls that failed, as `operation kind`. */
  troubles: string[]
  log: Record<string, unknown>[]
  ledger: IncomingLedger
}

/** Opens one. */
export async function openS3Bench(): Promise<S3Bench> {
  Object.assign(process.env, S3_CREDENTIALS)
  const folder = await mkdtemp(join(tmpdir(), 'skerry-bench-'))
  const opened = await openSqliteStore(join(folder, 'hub.sqlite'), Date.now())
  if (!opened.ok) throw new Error(opened.message)
  const server = await startS3Server()
  const log: Record<string, unknown>[] = []
  const write = (line: string) => void log.push(JSON.parse(line) as Record<string, unknown>)
  const clock = {
    ...systemClock,
    nowMs: () => systemClock.nowMs() + bench.aheadMs,
    monotonicMs: () => systemClock.monotonicMs() + bench.aheadMs,
  }
  const ledger = createIncomingLedger(opened.store)
  const bench: S3Bench = {
    server,
    log,
    ledger,
    aheadMs: 0,
    troubles: [],
    open: (limits = {}, location = server.location) =>
      openS3Blobs({
        location,
        ledger,
        fileSystem: nodeFileSystem,
        hasRoomOnDisk: async () => true,
        clock,
        onTrouble: (operation, kind) => void bench.troubles.push(`${operation} ${kind}`),
        random: () => 0.1,
        log: createLog({ name: 'hub', level: 'debug', destination: { write } }),
        limits,
      }),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await opened.store[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return bench
}
