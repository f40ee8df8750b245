import { createReadStream } from 'node:fs'
import { readYaml } from '@skerry/client/manifests/yaml-documents'
import { uploadBlob } from '@skerry/client/upload-blob'
import { PACKAGES_PATH, SWU_PATH } from '@skerry/contract/kinds/os'
import { PackageList } from '@skerry/contract/os/package-list'
import { Name } from '@skerry/contract/values/names'
import { backoffMs } from '@skerry/core/values/backoff'
import { nodeFileSystem, systemCode } from '@skerry/platform/files/file-system'
import { digestOf, digestOfFile } from '@skerry/platform/files/hash'
import { readSwuFile, type SwuReading } from '@skerry/platform/images/swu-file'
import { asIs, command, fits, list, required } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import { parseLabel } from '../../program/values.ts'
import { lineageOf, lineageOptions } from '../models/lineage-options.ts'
import { pushedText } from '../models/pushed/pushed-text.ts'

/** The same waits as for the files of models. */
const RETRY = { baseMs: 500, maxMs: 30_000 }

export const pushOs = command({
  name: 'os push',
  summary: 'Push an image of SWUpdate, or a list of Debian packages, as a new version; a repetition changes nothing',
  details:
    'A .yaml file is a list of packages with their versions, for agents that run with --allow-os debian. Otherwise the image is a .swu file that you have signed. The hub adds its own signature, and does not change the image: each device checks yours. ' +
    '"skerry deploy" rolls out the image in the same way as a model.',
  examples: ['skerry os push gateway-os gateway-2.1.swu --alias stable', 'skerry os push plant-os packages.yaml'],
  arguments: {
    name: required('<name>', 'the operating system', fits(Name)),
    file: required('<file>', 'the image, or the list of packages', asIs),
  },
  options: {
    aliases: list('--alias <alias>', 'alias to set to the version', (text) => fits(Name)(text.replace(/^@/, ''))),
    labels: list('--label <key=value>', 'label of the version', parseLabel),
    ...lineageOptions,
  },
  async run({ name, file, aliases, labels, ...input }, session) {
    const { signal } = session
    const { path, digest, sizeBytes, source } = /\.ya?ml$/.test(file)
      ? await packagesIn(file)
      : await imageIn(file, signal)
    const { client, connection } = await session.hub()
    using progress = session.progress(`uploading ${file}`, sizeBytes)
    const delayMs = (attempt: number) => backoffMs(attempt, RETRY, session.io.random())
    await uploadBlob(connection, { digest, sizeBytes, source, onProgress: progress.at, delayMs }, signal)
    const reply = await client.model.push(
      { name, files: [{ path, digest }], ...lineageOf(input), labels: Object.fromEntries(labels), aliases },
      { signal },
    )
    session.print({ json: reply, text: () => pushedText(reply, WORDS, session.style) })
  },
})

type Pushed = Pick<Parameters<typeof uploadBlob>[1], 'digest' | 'sizeBytes' | 'source'> & { path: string }

async function imageIn(file: string, signal: AbortSignal): Promise<Pushed> {
  const read = await readSwuFile(file, signal).catch((error: unknown): SwuReading => {
    const code = systemCode(error)
    if (code === undefined) throw error
    return { ok: false, message: `it cannot be read (${code})` }
  })
  if (!read.ok) throw fail('file_invalid', `${file} is no signed image: ${read.message}`)
  const measured = await digestOfFile(nodeFileSystem, file, signal)
  return { path: SWU_PATH, ...measured, source: (start: number) => createReadStream(file, { start }) }
}

/** The list as the device reads it. The YAML of a person becomes JSON, because a device has no reader of YAML. */
async function packagesIn(file: string): Promise<Pushed> {
  const { values, problems } = readYaml(await readText(file), { file, schema: PackageList })
  const [only] = values
  if (problems.length === 0 && values.length === 1 && only) {
    const bytes = new TextEncoder().encode(JSON.stringify(only.value))
    const source = (start: number) => new Blob([bytes.slice(start)]).stream()
    return { path: PACKAGES_PATH, digest: digestOf(bytes), sizeBytes: bytes.length, source }
  }
  const lines = problems.map(({ place, message }) => `${place}: ${message}`)
  throw fail('file_invalid', lines.join('\n') || `${file}: it must have one list of packages`)
}

const WORDS = { same: 'has the same image already', golden: 'golden case' }
