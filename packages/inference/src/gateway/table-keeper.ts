/**
 * Table keeper: keeps the table of routes as the hub has it, and its last good copy on the disk. So a gateway continues
 * while the hub is away, also after a restart.
 */
import { join } from 'node:path'
import { RouteTable } from '@skerry/contract/routes/route'
import type { DeviceId } from '@skerry/contract/values/ids'
import { parseJson } from '@skerry/core/values/parse-json'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { GatewayHub, HubLack, HubReply } from './gateway-hub.ts'
import type { Routing } from './routing.ts'

export type TableKeeperOptions = {
  hub: Pick<GatewayHub, 'table'>
  routing: Routing
  folder: string
  about: { gateway: string; site: string | undefined; device: DeviceId | undefined; url: string | undefined }
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
  let hasFailed = false
  while (!signal.aborted) {
    const reply = await nextTable(options, signal)
    if (signal.aborted) return
    if (reply.ok && hasFailed) options.log.info('hub_reached')
    if (!reply.ok) await handleLack(options, { reply, isNew: !hasFailed }, signal)
    hasFailed = !reply.ok
    onFirst()
  }
}

type Lacking = { reply: HubLack; isNew: boolean }

async function handleLack(options: TableKeeperOptions, { reply, isNew }: Lacking, signal: AbortSignal): Promise<void> {
  const { log, clock, routing } = options
  const { code, message, status } = reply
  // A key that was revoked, or lost its permission: the gateway must not go on with what it knows.
  if (status === 401 || status === 403) await forget(options)
  if (isNew) log.warn('table_unavailable', { code, message, hasCopy: routing.table() !== undefined })
  await clock.sleep(RETRY_MS, signal).catch(() => undefined)
}

async function nextTable(
  { hub, routing, folder, about, log }: TableKeeperOptions,
  signal: AbortSignal,
): Promise<HubReply<RouteTable>> {
  const { gateway, site, device, url } = about
  const seen = routing.table()?.revision
  const reply = await hub.table(
    {
      gateway,
      ...(site !== undefined && { site }),
      ...(device !== undefined && { device }),
      ...(url !== undefined && { url }),
      ...(seen !== undefined && { seen }),
      waitMs: WAIT_MS,
      report: routing.report(),
    },
    AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]),
  )
  if (!reply.ok || reply.value.revision === seen) return reply
  const table = reply.value
  routing.use(table)
  const lack = await keepCopy(folder, table)
  if (lack !== undefined) log.warn('table_copy_failed', { path: copyPath(folder), message: lack })
  const places = table.routes.reduce((sum, route) => sum + route.places.length, 0)
  log.info('table_changed', { routes: table.routes.length, places })
  return reply
}

/** The reason if the copy could not be written. The gateway serves on: only a restart without the hub needs it. */
const keepCopy = (folder: string, table: RouteTable): Promise<string | undefined> =>
  writeAtomic(nodeFileSystem, copyPath(folder), JSON.stringify(table)).then(
    () => undefined,
    (error: unknown) => String(error),
  )
