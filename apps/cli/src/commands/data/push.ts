import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import type { Connection } from '@skerry/client/connection'
import { uploadBlob } from '@skerry/client/upload-blob'
import { DataSet } from '@skerry/contract/data/data-set'
import { DATA_FOLDER, DATA_PATH } from '@skerry/contract/kinds/data'
import type { Digest } from '@skerry/contract/values/digest'
import { Name } from '@skerry/contract/values/names'
import { backoffMs } from '@skerry/core/values/backoff'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import { asIs, command, fits, list, required, value } from '../../program/command.ts'
import type { Session } from '../../program/session.ts'
import { parseLabel } from '../../program/values.ts'
import { folderFiles } from '../models/files/folder-files.ts'
import { hashFiles } from '../models/files/model-files.ts'
import { lineageOf, lineageOptions } from '../models/lineage-options.ts'
import { pushedText } from '../models/pushed/pushed-text.ts'

/** The same waits as for the files of models. */
const RETRY = { baseMs: 500, maxMs: 30_000 }

export const pushData = command({
  name: 'data push',
  summary: 'Push a folder of reference files as a new version of data; the same files change nothing',
  details:
    'Devices replace the files as a whole, and apps read them. "skerry deploy" rolls out data in the same way as a model. Files whose names begin ' +
    'with a dot are left out.',
  examples: [
    'skerry data push limits ./limits',
    'skerry data push labels ./labels --description "classes of the sorter" --alias stable',
  ],
  arguments: {
    name: required('<name>', 'name of the data', fits(Name)),
    folder: required('<folder>', 'the folder with the files', asIs),
  },
  options: {
    description: value(
      '--description <text>',
      'the meaning of the files, for people',
      fits(DataSet.shape.description.unwrap()),
    ),
    aliases: list('--alias <alias>', 'alias to set to the version', (text) => fits(Name)(text.replace(/^@/, ''))),
    labels: list('--label <key=value>', 'label of the version', parseLabel),
    ...lineageOptions,
  },
  async run({ name, folder, description, aliases, labels, ...input }, session) {
    const found = await folderFiles(folder, DATA_FOLDER)
    const total = found.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    const hashed = await (async () => {
      using progress = session.progress('hashing', total)
      return await hashFiles(found, progress, session.signal)
    })()
    const text = canonicalJson({ v: 1, ...(description !== undefined && { description }) })
    const { client, connection } = await session.hub()
    await upload(connection, textFile(text), session)
    for (const { digest, sizeBytes, localPath, path } of hashed) {
      const source = (start: number) => createReadStream(localPath, { start })
      await upload(connection, { digest, sizeBytes, place: path, source }, session)
    }
    const files = [{ path: DATA_PATH, digest: digestOf(text) }, ...hashed.map(({ path, digest }) => ({ path, digest }))]
    const reply = await client.model.push(
      { name, files, ...lineageOf(input), labels: Object.fromEntries(labels), aliases },
      { signal: session.signal },
    )
    session.print({ json: reply, text: () => pushedText(reply, WORDS, session.style) })
  },
})

const WORDS = { same: 'have the same files already', golden: 'golden case' }

type Upload = { digest: Digest; sizeBytes: number; place: string; source(start: number): Readable }

function textFile(text: string): Upload {
  const bytes = Buffer.from(text)
  const source = (start: number) => Readable.from([bytes.subarray(start)])
  return { digest: digestOf(bytes), sizeBytes: bytes.length, place: DATA_PATH, source }
}

async function upload(connection: Connection, { digest, sizeBytes, place, source }: Upload, session: Session) {
  using progress = session.progress(`uploading ${place}`, sizeBytes)
  const delayMs = (attempt: number) => backoffMs(attempt, RETRY, session.io.random())
  await uploadBlob(connection, { digest, sizeBytes, source, onProgress: progress.at, delayMs }, session.signal)
}
