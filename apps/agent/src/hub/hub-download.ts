/** Hub download: exchanges bytes with the device's current hub, under the device's current certificate. */
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
import type { Identity } from '../joining/identity.ts'

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

/** Downloads into the folder. Before `use` there is no hub to fetch from. */
export function createHubDownload(deps: {
  folder: Download['folder']
  clock: Clock
  random: () => number
}): HubDownload {
  let current: { hub: string; client: HttpsClient; ca: string; credentials: Credentials } | undefined
  return {
    use({ hub, ca, certificate }, privateKeyPem) {
      current?.client[Symbol.dispose]()
      const credentials = { certificatePem: certificate, privateKeyPem }
      current = { hub, ca, credentials, client: openHttpsClient({ authorities: [ca], credentials }) }
    },
    async download({ digest, sizeBytes }, signal) {
      if (!current) return NOT_JOINED
      const url = new URL(`/v1/blobs/${digest}`, current.hub).href
      return downloadBlob({ ...deps, client: current.client, url, digest, sizeBytes }, signal)
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
