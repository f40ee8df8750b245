/** Download file: one file of a version, from the hub to a folder. */
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Connection, requestBytes } from '@skerry/client/connection'
import type { ModelFile } from '@skerry/contract/models/model'
import { createHasher } from '@skerry/platform/files/hash'
import { fail } from '../../../program/failure.ts'
import type { Session } from '../../../program/session.ts'

/** The file has another name until its digest is verified. So a file with the model's name is always complete. */
export async function downloadFile(
  connection: Connection,
  file: ModelFile,
  folder: string,
  session: Session,
): Promise<void> {
  const target = join(folder, file.path)
  const partial = `${target}.partial`
  using progress = session.progress(`downloading ${file.path}`, file.sizeBytes)
  await mkdir(dirname(target), { recursive: true })
  try {
    const { signal } = session
    const response = await requestBytes(
      connection,
      { route: 'downloadBlob', parameters: { digest: file.digest } },
      signal,
    )
    const hasher = createHasher()
    let doneBytes = 0
    const watched = async function* () {
      for await (const chunk of response.body ?? []) {
        hasher.update(chunk)
        doneBytes += chunk.length
        progress.at(doneBytes)
        yield chunk
      }
    }
    await pipeline(watched, createWriteStream(partial), { signal })
    if (hasher.digest() !== file.digest) {
      throw fail('model_signature_refused', `the bytes of ${file.path} do not have the digest ${file.digest}`)
    }
    await rename(partial, target)
  } finally {
    await rm(partial, { force: true })
  }
}
