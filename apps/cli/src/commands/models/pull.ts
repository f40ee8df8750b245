/** `skerry model pull` */
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Connection, requestBytes } from '@skerry/client/connection'
import type { ModelFile } from '@skerry/contract/models/model'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { createHasher } from '@skerry/platform/files/hash'
import { asIs, command, required, usually } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import type { Session } from '../../program/session.ts'
import { parseModelReference } from '../../program/values.ts'
import { SIGNATURE_FILE } from './files/pulled-model.ts'

export const pullModel = command({
  name: 'model pull',
  summary: 'Download the files of a version, and its signature, to a folder',
  details:
    'The signature is model.sig, which the Python package model-signing verifies too: "model_signing verify key".',
  examples: ['skerry model pull anomaly:2 --output ./anomaly', 'skerry model pull anomaly@champion -o ./champion'],
  arguments: {
    reference: required('<model>', 'NAME, NAME:VERSION or NAME@alias; the latest by default', parseModelReference),
  },
  options: { folder: usually('-o, --output <folder>', '.', 'folder to write to; created if it is missing', asIs) },
  async run({ reference: { model, version = 'latest' }, folder }, session) {
    const { client, connection } = await session.hub()
    const detail = await client.model.getVersion({ model, version }, { signal: session.signal })
    for (const file of detail.files) await download(connection, file, folder, session)
    const bundle = join(folder, SIGNATURE_FILE)
    await writeAtomic(nodeFileSystem, bundle, `${JSON.stringify(detail.bundle)}\n`)
    const paths = [...detail.files.map(({ path }) => join(folder, path)), bundle]
    session.print({
      json: { model, version: detail.version, digest: detail.digest, files: paths },
      text: () => [`pulled ${model}:${detail.version}`, ...paths.map((path) => `  ${path}`)].join('\n'),
    })
  },
})

/** Under another name until its digest is right: a file of the model's name is a whole one. */
async function download(connection: Connection, file: ModelFile, folder: string, session: Session): Promise<void> {
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
