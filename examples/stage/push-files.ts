/** Push files: a set of files becomes a signed version, as `skerry app push` does it. */
import { createHash } from 'node:crypto'
import { uploadBlob } from '@skerry/client/upload-blob'
import { Digest } from '@skerry/contract/values/digest'
import type { HubProgram } from './fleet.ts'

/** Images of some megabytes over loopback take a second; the hub's own check may take longer on a busy machine. */
const PUSH_TIMEOUT_MS = 120_000
const RETRY_DELAY_MS = 500

/** Uploads the files, and makes them the next version of the name. The result is its number. */
export async function pushFiles(
  { client, connection }: Pick<HubProgram, 'client' | 'connection'>,
  name: string,
  contents: Readonly<Record<string, Uint8Array | string>>,
): Promise<number> {
  const signal = AbortSignal.timeout(PUSH_TIMEOUT_MS)
  const files = await Promise.all(
    Object.entries(contents).map(async ([path, content]) => {
      const bytes = new Uint8Array(Buffer.from(content))
      const digest = Digest.parse(`sha256:${createHash('sha256').update(bytes).digest('hex')}`)
      const source = (startBytes: number) => new Blob([bytes.subarray(startBytes)]).stream()
      const upload = { digest, sizeBytes: bytes.length, source, delayMs: () => RETRY_DELAY_MS }
      await uploadBlob(connection, upload, signal)
      return { path, digest }
    }),
  )
  return (await client.model.push({ name, files }, { signal })).version.version
}
