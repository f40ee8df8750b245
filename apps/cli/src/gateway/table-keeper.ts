/**
 * Table keeper: keeps the table of routes as the hub has it, and its last good copy on the disk. So a gateway continues
 * while the hub is away, also after a restart.
 */
import { join } from 'node:path'
import type { SkerryClient } from '@skerry/client/client'
import { parseJson } from '@skerry/client/connection'
import { problemOf } from '@skerry/client/problem'
import { RouteTable } from '@skerry/contract/routes/route'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { Routing } from './routing.ts'

export type TableKeeperOptions = {
  client: Pick<SkerryClient, 'route'>
  routing: Routing
  folder: string
  about: { gateway: string; site: string | undefined; url: string | undefined }
  clock: Clock
  log: Log
}

/** The counts reach the hub at least this often. */
const WAIT_MS = 5_000

/** Longer than the wait, and than a busy hub needs for an answer. */
const ASK_MS = 15_000

const RETRY_MS = 1_000

/** Reads the copy on the disk, if there is a good one. */
export async function readCopy({ routing, folder, log }: TableKeeperOptions): Promise<void> {
  const bytes = await nodeFileSystem.readFile(copyPath(folder))
  const table = bytes && RouteTable.safeParse(parseJson(Buffer.from(bytes).toString('utf8')))
  if (table?.success) routing.use(table.data)
  else if (bytes) log.warn('table_copy_damaged', { path: copyPath(folder) })
}

/** Forgets the routes, also on the disk. */
async function forget({ routing, folder }: TableKeeperOptions): Promise<void> {
  routing.drop()
  await nodeFileSystem.removeFile(copyPath(folder)).catch(() => undefined)
}

const copyPath = (folder: string) => join(folder, 'routes.json')

/** Follows the table until the signal fires. `onFirst` is called after the first answer, or the first failure. */
export async function keepTable(options: TableKeeperOptions, onFirst: () => void, signal: AbortSignal): Promise<void> {
  const { log, clock } = options
  let hasFailed = false
  while (!signal.aborted) {
    try {
      await nextTable(options, signal)
      if (hasFailed) log.info('hub_reached')
      hasFailed = false
    } catch (error) {
      if (signal.aborted) break
      const { code, message, status } = problemOf(error)
      // A key that was revoked, or lost its permission: the gateway must not go on with what it knows.
      if (status === 401 || status === 403) await forget(options)
      if (!hasFailed) log.warn('table_unavailable', { code, message, hasCopy: options.routing.table() !== undefined })
      hasFailed = true
      await clock.sleep(RETRY_MS, signal).catch(() => undefined)
    }
    onFirst()
  }
}

async function nextTable({ client, routing, folder, about, log }: TableKeeperOptions, signal: AbortSignal) {
  const { gateway, site, url } = about
  const seen = routing.table()?.revision
  const answer = await client.route.table(
    {
      gateway,
      ...(site !== undefined && { site }),
      ...(url !== undefined && { url }),
      ...(seen !== undefined && { seen }),
      waitMs: WAIT_MS,
      report: routing.report(),
    },
    { signal: AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]) },
  )
  const table = RouteTable.parse(answer)
  if (table.revision === seen) return
  routing.use(table)
  await writeAtomic(nodeFileSystem, copyPath(folder), JSON.stringify(table))
  const places = table.routes.reduce((sum, route) => sum + route.places.length, 0)
  log.info('table_changed', { routes: table.routes.length, places })
}
