/** Hub download: fetches blobs from the device's hub with the device's certificate, whichever those are at the time. */
import type { DesiredItem } from '@skerry/contract/desired'
import { type DownloadResult, downloadBlob } from '@skerry/platform/blob-download'
import type { BlobFolder } from '@skerry/platform/blob-folder'
import type { Clock } from '@skerry/platform/clock'
import { type HttpsClient, openHttpsClient } from '@skerry/platform/https-client'
import type { Identity } from './joining/identity.ts'

export type HubDownload = Disposable & {
  /** From now on, this device of this hub. */
  use(identity: Identity, privateKey: string): void
  download(file: { digest: DesiredItem['digest']; sizeBytes: number }, signal: AbortSignal): Promise<DownloadResult>
}

const NOT_JOINED: DownloadResult = {
  ok: false,
  code: 'server_unreachable',
  message: 'this computer has not joined a hub yet',
  retryable: true,
}

/** Into the folder; before `use` there is nowhere to fetch from. */
export function createHubDownload(deps: { folder: BlobFolder; clock: Clock; random: () => number }): HubDownload {
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
    [Symbol.dispose]: () => current?.client[Symbol.dispose](),
  }
}
