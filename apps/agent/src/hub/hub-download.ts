/** Hub download: exchanges bytes with the device's current hub, under the device's current certificate. */
import { CHUNKED_BYTES_MAX, CHUNKED_BYTES_MIN } from '@skerry/contract/chunks/chunk-index'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { type Download, type DownloadResult, downloadBlob } from '@skerry/platform/blobs/blob-download'
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
import { type SeedFiles, seedsFor } from './delta-seeds.ts'
import { BudgetSpent, createDownloadMeter, type DownloadMeter, type DownloadMeterDeps } from './download-meter.ts'

export type HubDownload = Disposable & {
  /** From now on, it uses this device and its hub. */
  use(identity: Identity, privateKey: string): void
  download(file: { digest: DesiredItem['digest']; sizeBytes: number }, signal: AbortSignal): Promise<DownloadResult>
  /** Any answer at all is `ok`. The caller must read or destroy its stream. */
  send(
    request: Omit<HttpsRequest, 'url'> & { path: string },
    signal: AbortSignal,
  ): Promise<HttpsResponse | HttpsProblem>
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

export type HubDownloadDeps = Omit<DownloadMeterDeps, 'log' | 'clock'> & {
  folder: Download['folder'] & SeedFiles
  clock: Clock
  random: () => number
  log: Log
  /** A piece of a file has arrived. */
  arrived?(bytes: number): void
}

type Metered = HubDownloadDeps & { meter: DownloadMeter }

type Current = { hub: string; client: HttpsClient; ca: string; credentials: Credentials; trustedKeys: string[] }

/** Downloads into the folder. Before `use` there is no hub to fetch from. */
export function createHubDownload(given: HubDownloadDeps): HubDownload {
  const deps = { ...given, meter: createDownloadMeter(given) }
  let current: Current | undefined
  return {
    use({ hub, ca, certificate, trustedKeys }, privateKeyPem) {
      current?.client[Symbol.dispose]()
      const credentials = { certificatePem: certificate, privateKeyPem }
      const client = openHttpsClient({ authorities: [ca], credentials })
      current = { hub, ca, credentials, client, trustedKeys }
    },
    async download({ digest, sizeBytes }, signal) {
      if (!current) return NOT_JOINED
      try {
        return await fetchFile(deps, current, { digest, sizeBytes }, signal)
      } catch (error) {
        if (!(error instanceof BudgetSpent)) throw error
        const { message, waitMs } = error
        return { ok: false, code: 'download_budget', message, retryable: true, retryAfterMs: budgetLookMs(waitMs) }
      }
    },
    async send({ path, ...request }, signal) {
      if (!current) return NOT_JOINED
      return current.client.send({ ...request, url: new URL(path, current.hub).href }, signal)
    },
    async dial(path, messageBytesMax, signal) {
      if (!current) return NOT_JOINED
      const { hub, ca, credentials } = current
      // The library of WebSockets is loaded with the link.
      const { dialSocket } = await import('@skerry/platform/network/dial-socket')
      return dialSocket(new URL(path, hub).href, { authorities: [ca], credentials, messageBytesMax }, signal)
    },
    [Symbol.dispose]: () => current?.client[Symbol.dispose](),
  }
}

/** In milliseconds. A person may raise the budget meanwhile. */
const BUDGET_LOOK_MS = 300_000

const budgetLookMs = (waitMs: number) => Math.min(waitMs, BUDGET_LOOK_MS)

async function fetchFile(
  deps: Metered,
  current: Current,
  { digest, sizeBytes }: Wanted,
  signal: AbortSignal,
): Promise<DownloadResult> {
  const { folder, meter } = deps
  if (await folder.has(digest)) return { ok: true, sizeBytes, receivedBytes: 0 }
  await meter.check()
  const client: Download['client'] = {
    async send(request, at) {
      await meter.check()
      return current.client.send(request, at)
    },
  }
  const onPiece: DownloadMeter['take'] = (bytes, ...more) => {
    deps.arrived?.(bytes)
    return meter.take(bytes, ...more)
  }
  const metered = { ...deps, onPiece }
  const delta = await byChunks(metered, { ...current, client }, { digest, sizeBytes }, signal)
  if (delta) return delta
  const url = new URL(`/v1/blobs/${digest}`, current.hub).href
  return downloadBlob({ ...metered, client, url, digest, sizeBytes }, signal)
}

type Wanted = Pick<Download, 'digest' | 'sizeBytes'>

/** Fetches the chunks that this disk lacks. Undefined if the whole file must be fetched. */
async function byChunks(
  deps: HubDownloadDeps & Pick<Download, 'onPiece'>,
  { hub, client, trustedKeys }: Pick<Current, 'hub' | 'trustedKeys'> & Pick<Download, 'client'>,
  { digest, sizeBytes }: Wanted,
  signal: AbortSignal,
): Promise<DownloadResult | undefined> {
  const { folder, log } = deps
  if (sizeBytes < CHUNKED_BYTES_MIN || sizeBytes > CHUNKED_BYTES_MAX || (await folder.has(digest))) return undefined
  // Most downloads of a device are small files.
  const { downloadDelta } = await import('@skerry/platform/chunks/delta-download')
  const send: HubDownload['send'] = ({ path, ...request }, at) =>
    client.send({ ...request, url: new URL(path, hub).href }, at)
  const seeds = await seedsFor(folder, sizeBytes)
  const outcome = await downloadDelta({ ...deps, send, digest, sizeBytes, trustedKeys, seeds }, signal)
  if (outcome.kind === 'whole') {
    log.info('delta_unused', { digest, reason: outcome.reason })
    return undefined
  }
  const { result, copiedBytes } = outcome
  if (result.ok) log.info('delta_fetched', { digest, sizeBytes, receivedBytes: result.receivedBytes, copiedBytes })
  return result
}
