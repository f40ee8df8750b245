import { createReadStream } from 'node:fs'
import { uploadBlob } from '@skerry/client/upload-blob'
import { SWU_PATH } from '@skerry/contract/kinds/os'
import { Name } from '@skerry/contract/values/names'
import { backoffMs } from '@skerry/core/values/backoff'
import { nodeFileSystem, systemCode } from '@skerry/platform/files/file-system'
import { digestOfFile } from '@skerry/platform/files/hash'
import { readSwuFile, type SwuReading } from '@skerry/platform/images/swu-file'
import { asIs, command, fits, list, required } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import { parseLabel } from '../../program/values.ts'
import { lineageOf, lineageOptions } from '../models/lineage-options.ts'
import { pushedText } from '../models/pushed/pushed-text.ts'

/** The same waits as for the files of models. */
const RETRY = { baseMs: 500, maxMs: 30_000 }

export const pushOs = command({
  name: 'os push',
  summary: 'Push a signed image of SWUpdate as a new version; a repetition changes nothing',
  details:
    'The image is a .swu file that you have signed. The hub adds its own signature, and does not change the image: each device checks yours. ' +
    '"skerry deploy" rolls out the image in the same way as a model.',
  examples: ['skerry os push gateway-os gateway-2.1.swu', 'skerry os push gateway-os gateway-2.1.swu --alias stable'],
  arguments: {
    name: required('<name>', 'the operating system', fits(Name)),
    file: required('<file>', 'the image', asIs),
  },
  options: {
    aliases: list('--alias <alias>', 'alias to set to the version', (text) => fits(Name)(text.replace(/^@/, ''))),
    labels: list('--label <key=value>', 'label of the version', parseLabel),
    ...lineageOptions,
  },
  async run({ name, file, aliases, labels, ...input }, session) {
    const { signal } = session
    const read = await readSwuFile(file, signal).catch((error: unknown): SwuReading => {
      const code = systemCode(error)
      if (code === undefined) throw error
      return { ok: false, message: `it cannot be read (${code})` }
    })
    if (!read.ok) throw fail('file_invalid', `${file} is no signed image: ${read.message}`)
    const { digest, sizeBytes } = await digestOfFile(nodeFileSystem, file, signal)
    const { client, connection } = await session.hub()
    using progress = session.progress(`uploading ${file}`, sizeBytes)
    const source = (start: number) => createReadStream(file, { start })
    const delayMs = (attempt: number) => backoffMs(attempt, RETRY, session.io.random())
    await uploadBlob(connection, { digest, sizeBytes, source, onProgress: progress.at, delayMs }, signal)
    const reply = await client.model.push(
      { name, files: [{ path: SWU_PATH, digest }], ...lineageOf(input), labels: Object.fromEntries(labels), aliases },
      { signal },
    )
    session.print({ json: reply, text: () => pushedText(reply, WORDS, session.style) })
  },
})

const WORDS = { same: 'has the same image already', golden: 'golden case' }
