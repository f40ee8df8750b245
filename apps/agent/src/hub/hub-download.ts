/** Hub download: exchanges bytes with the device's current hub, under the device's current certificate. */
import { CHUNKED_BYTES_MAX, CHUNKED_BYTES_MIN } from '@skerry/contract/chunks/chunk-index'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { type Download, type DownloadResult, downloadBlob } from '@skerry/platform/blobs/blob-download'
import type { Seed } from '@skerry/platform/chunks/find-seeds'
import type { FileHandle } from '@skerry/platform/files/file-system'
import type { Dialled } from '@skerry/platform/network/dial-socket'
import {
  type HttpsClient,
  type HttpsProblem,
  type HttpsRequest,
  type HttpsResponse,
  openHttpsClient,
} from '@skerry/platform/network/https-client'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { Identity } from '../joining/identity.ts'
import type { DownloadFolder, WantedFile } from '../site-cache/cache-store.ts'
import { createKeyedLock, type KeyedLock } from '../site-cache/keyed-lock.ts'
import type { KeptFiles } from '../site-cache/open-site-cache.ts'
import { seedsFor } from './delta-seeds.ts'
import { BudgetSpent, createDownloadMeter, type DownloadMeter, type DownloadMeterDeps } from './download-meter.ts'

/** `kind` is the kind of the item that needs the file. It decides which seeds can help. */
export type ItemFile = WantedFile & { kind?: DesiredItem['kind'] | undefined }

export type HubDownload = Disposable & {
  /** From now on, it uses this device and its hub. */
  use(identity: Identity, privateKey: string): void
  download(file: ItemFile, signal: AbortSignal): Promise<DownloadResult>
  /** Fetches into another folder, always from the hub. The folder needs no file that this device has itself. */
  downloadInto(folder: DownloadFolder, file: WantedFile, signal: AbortSignal): Promise<DownloadResult>
  /** Any answer at all is `ok`. The caller must read or destroy its stream. */
  send(
    request: Omit<HttpsRequest, 'url'> & { path: string },
    signal: AbortSignal,
  ): Promise<HttpsResponse | HttpsProblem>
  /** A client for the device of the site with this key. Undefined before the device has joined. */
  near(serverKey: string): HttpsClient | undefined
  /** Opens a WebSocket beside the link, for a stream of bytes. */
  dial(path: string, messageBytesMax: number, signal: AbortSignal): Promise<Dialled>
}

type Credentials = { certificatePem: string; privateKeyPem: string }

const NOT_JOINED = {
  ok: false,
  code: 'server_unreachable',
  message: 'this computer has not joined a hub yet',
  retryable: true,
} as const

export type HubDownloadDeps = Omit<DownloadMeterDeps, 'log' | 'clock' | 'settings'> & {
  folder: DownloadFolder
  clock: Clock
  random: () => number
  log: Log
  /** A piece of a file has arrived. */
  arrived?(bytes: number): void
  settings: DownloadMeterDeps['settings'] & { siteCaches(): readonly string[] }
  /** The files that this device keeps for its neighbours. Undefined if it is no cache. */
  kept?: KeptFiles | undefined
  /** Undefined if the agent has no launcher. */
  installed?: InstalledFiles | undefined
}

export type InstalledFiles = {
  /** Opens the same file in an installed version of the agent. */
  open(file: WantedFile, signal: AbortSignal): Promise<FileHandle | undefined>
  /** The files of the installed version, which may share chunks with the files of another version. */
  seed(kind: ItemFile['kind']): Promise<Seed | undefined>
}

type Metered = HubDownloadDeps & { meter: DownloadMeter; away: Map<string, number> }

type Current = {
  hub: string
  client: HttpsClient
  ca: string
  credentials: Credentials
  trustedKeys: string[]
  /** The clients of caches of the site, by the keys of the caches. */
  near: Map<string, HttpsClient>
}

function closeClients(current: Current | undefined): void {
  current?.client[Symbol.dispose]()
  for (const client of current?.near.values() ?? []) client[Symbol.dispose]()
}

/** Downloads into the folder. Before `use` there is no hub to fetch from. */
export function createHubDownload(given: HubDownloadDeps): HubDownload {
  const deps = { ...given, meter: countedMeter(given), away: new Map<string, number>() }
  // A cache fetches a file once, for itself and for its neighbours. It does not hold this lock while it waits for another
  // cache, which may wait for this one.
  const alone = given.kept ? createKeyedLock() : withoutLock
  const ownAlone = given.kept ? createKeyedLock() : withoutLock
  let current: Current | undefined
  return {
    use({ hub, ca, certificate, trustedKeys }, privateKeyPem) {
      closeClients(current)
      const credentials = { certificatePem: certificate, privateKeyPem }
      const client = openHttpsClient({ authorities: [ca], credentials })
      current = { hub, ca, credentials, client, trustedKeys, near: new Map() }
    },
    async download({ digest, sizeBytes, kind }, signal) {
      if (!current) return NOT_JOINED
      const wanted = { digest, sizeBytes }
      const now = current
      return ownAlone(digest, async () => {
        const local = (await fetchKept(deps, wanted, signal)) ?? (await takeInstalled(deps, wanted, signal))
        const near = local ?? (await fetchNear(deps, now, wanted, signal))
        if (near) return near
        return alone(digest, async () => {
          // A neighbour may have ordered it meanwhile.
          const kept = await fetchKept(deps, wanted, signal)
          return kept ?? withinBudget(fetchFile(deps, now, { ...wanted, kind }, signal))
        })
      })
    },
    async downloadInto(folder, file, signal) {
      if (!current) return NOT_JOINED
      const now = current
      return alone(file.digest, async () => {
        const isHere = await deps.folder.has(file.digest)
        return isHere
          ? { ok: true, ...file, receivedBytes: 0 }
          : withinBudget(fetchFile({ ...deps, folder }, now, file, signal))
      })
    },
    async send({ path, ...request }, signal) {
      if (!current) return NOT_JOINED
      return current.client.send({ ...request, url: new URL(path, current.hub).href }, signal)
    },
    near: (serverKey) => current && nearClient(current, serverKey),
    async dial(path, messageBytesMax, signal) {
      if (!current) return NOT_JOINED
      const { hub, ca, credentials } = current
      // The library of WebSockets is loaded with the link.
      const { dialSocket } = await import('@skerry/platform/network/dial-socket')
      return dialSocket(new URL(path, hub).href, { authorities: [ca], credentials, messageBytesMax }, signal)
    },
    [Symbol.dispose]: () => closeClients(current),
  }
}

const withoutLock: KeyedLock = (_, work) => work()

/** In milliseconds. A person may raise the budget meanwhile. */
const BUDGET_LOOK_MS = 300_000

const budgetLookMs = (waitMs: number) => Math.min(waitMs, BUDGET_LOOK_MS)

function countedMeter(deps: HubDownloadDeps): DownloadMeter {
  const meter = createDownloadMeter(deps)
  return {
    check: meter.check,
    take(bytes, signal, isLast) {
      deps.kept?.arrived(bytes)
      return meter.take(bytes, signal, isLast)
    },
  }
}

async function withinBudget(fetching: Promise<DownloadResult>): Promise<DownloadResult> {
  try {
    return await fetching
  } catch (error) {
    if (!(error instanceof BudgetSpent)) throw error
    const { message, waitMs } = error
    return { ok: false, code: 'download_budget', message, retryable: true, retryAfterMs: budgetLookMs(waitMs) }
  }
}

/** Undefined if the device does not keep the file for its neighbours. */
async function fetchKept(
  { kept, folder }: HubDownloadDeps,
  file: WantedFile,
  signal: AbortSignal,
): Promise<DownloadResult | undefined> {
  if (!kept) return undefined
  // Most devices are no cache.
  const { copyLocal } = await import('./copy-local.ts')
  const isHere = await copyLocal({ folder, open: () => kept.open(file.digest), file }, signal)
  return isHere ? { ok: true, sizeBytes: file.sizeBytes, receivedBytes: 0 } : undefined
}

/** Undefined if no installed version of the agent has the file as it is wanted. */
async function takeInstalled(
  { installed, folder, log }: HubDownloadDeps,
  file: WantedFile,
  signal: AbortSignal,
): Promise<DownloadResult | undefined> {
  if (!installed || (await folder.has(file.digest))) return undefined
  try {
    const source = await installed.open(file, signal)
    if (!source) return undefined
    const { copyLocal } = await import('./copy-local.ts')
    const isHere = await copyLocal({ folder, open: async () => source, file }, signal)
    if (isHere) log.info('installed_part_used', { digest: file.digest, sizeBytes: file.sizeBytes })
    return isHere ? { ok: true, sizeBytes: file.sizeBytes, receivedBytes: 0 } : undefined
  } catch (error) {
    if (signal.aborted) throw error
    // The hub has the bytes, too.
    log.warn('installed_part_unread', { digest: file.digest, error })
    return undefined
  }
}

/** Bytes from the site itself are free: no budget and no rate counts them. Undefined if the hub must be asked. */
async function fetchNear(
  deps: Metered,
  current: Current,
  file: WantedFile,
  signal: AbortSignal,
): Promise<DownloadResult | undefined> {
  if (deps.settings.siteCaches().length === 0) return undefined
  // Most devices have no cache near them.
  const { downloadNear } = await import('../site-cache/near-download.ts')
  const clientFor = (serverKey: string) => nearClient(current, serverKey)
  return downloadNear({ ...deps, hub: current, clientFor }, file, signal)
}

function nearClient({ near, credentials }: Current, serverKey: string): HttpsClient {
  const known = near.get(serverKey) ?? openHttpsClient({ serverKey, credentials, idleTimeoutMs: NEAR_IDLE_MS })
  near.set(serverKey, known)
  return known
}

/** A new connection to a neighbour costs little on the network of the site. */
const NEAR_IDLE_MS = 10_000

async function fetchFile(
  deps: Metered,
  current: Current,
  file: ItemFile,
  signal: AbortSignal,
): Promise<DownloadResult> {
  const { folder, meter } = deps
  const { digest, sizeBytes } = file
  if (await folder.has(digest)) return { ok: true, sizeBytes, receivedBytes: 0 }
  await meter.check()
  const client: Download['client'] = {
    async send(request, at) {
      await meter.check()
      const answer = await current.client.send(request, at)
      if (answer.ok && (answer.status === 200 || answer.status === 206)) await folder.onAnswer?.()
      return answer
    },
  }
  const onPiece: DownloadMeter['take'] = (bytes, ...more) => {
    deps.arrived?.(bytes)
    return meter.take(bytes, ...more)
  }
  const metered = { ...deps, onPiece }
  const delta = await byChunks(metered, { ...current, client }, file, signal)
  if (delta) return delta
  const url = new URL(`/v1/blobs/${digest}`, current.hub).href
  return downloadBlob({ ...metered, client, url, digest, sizeBytes }, signal)
}

async function installedSeeds(
  { installed, log }: HubDownloadDeps,
  { digest, kind }: Omit<ItemFile, 'sizeBytes'>,
): Promise<Seed[]> {
  try {
    const seed = await installed?.seed(kind)
    return seed ? [seed] : []
  } catch (error) {
    // The hub has the bytes, too.
    log.warn('installed_part_unread', { digest, error })
    return []
  }
}

/** Fetches the chunks that this disk lacks. Undefined if the whole file must be fetched. */
async function byChunks(
  deps: HubDownloadDeps & Pick<Download, 'onPiece'>,
  { hub, client, trustedKeys }: Pick<Current, 'hub' | 'trustedKeys'> & Pick<Download, 'client'>,
  { digest, sizeBytes, kind }: ItemFile,
  signal: AbortSignal,
): Promise<DownloadResult | undefined> {
  const { folder, log } = deps
  if (sizeBytes < CHUNKED_BYTES_MIN || sizeBytes > CHUNKED_BYTES_MAX || (await folder.has(digest))) return undefined
  // Most downloads of a device are small files.
  const { downloadDelta } = await import('@skerry/platform/chunks/delta-download')
  const send: HubDownload['send'] = ({ path, ...request }, at) =>
    client.send({ ...request, url: new URL(path, hub).href }, at)
  const seeds = [...(await installedSeeds(deps, { digest, kind })), ...(await seedsFor(folder, sizeBytes))]
  const outcome = await downloadDelta({ ...deps, send, digest, sizeBytes, trustedKeys, seeds }, signal)
  if (outcome.kind === 'whole') {
    log.info('delta_unused', { digest, reason: outcome.reason })
    return undefined
  }
  const { result, copiedBytes, reference } = outcome
  const { receivedBytes } = result.ok ? result : {}
  if (result.ok) log.info('delta_fetched', { digest, sizeBytes, receivedBytes, copiedBytes, reference })
  return result
}
