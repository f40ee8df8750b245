/** Hub download: exchanges bytes with the device's hub under the device's certificate, whichever those are at the time. */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { type Download, type DownloadResult, downloadBlob } from '@skerry/platform/blobs/blob-download'
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
  /** From now on, this device of this hub. */
  use(identity: Identity, privateKey: string): void
  download(file: { digest: DesiredItem['digest']; sizeBytes: number }, signal: AbortSignal): Promise<DownloadResult>
  /** Any answer at all is `ok`; read or destroy its stream. */
  send(
    request: Omit<HttpsRequest, 'url'> & { path: string },
    signal: AbortSignal,
  ): Promise<HttpsResponse | HttpsProblem>
}

const NOT_JOINED = {
  ok: false,
  code: 'server_unreachable',
  message: 'this computer has not joined a hub yet',
  retryable: true,
} as const

/** Into the folder; before `use` there is nowhere to fetch from. */
export function createHubDownload(deps: {
  folder: Download['folder']
  clock: Clock
  random: () => number
}): HubDownload {
  let current: { hub: string; client: HttpsClient } | undefined
  return {
    use({ hub, ca, certificate }, privateKeyPem) {
      current?.client[Symbol.dispose]()
      const client = openHttpsClient({ authorities: [ca], credentials: { certificatePem: certificate, privateKeyPem } })
      current = { hub, client }
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
    [Symbol.dispose]: () => current?.client[Symbol.dispose](),
  }
}
