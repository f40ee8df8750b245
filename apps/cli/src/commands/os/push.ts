import { createReadStream } from 'node:fs'
import { readYaml } from '@skerry/client/manifests/yaml-documents'
import { uploadBlob } from '@skerry/client/upload-blob'
import { PACKAGES_PATH, RAUC_FACTS_PATH, RAUC_PATH, SWU_PATH } from '@skerry/contract/kinds/os'
import { PackageList } from '@skerry/contract/os/package-list'
import { RaucImage } from '@skerry/contract/os/rauc-image'
import { Name } from '@skerry/contract/values/names'
import { backoffMs } from '@skerry/core/values/backoff'
import { nodeFileSystem, systemCode } from '@skerry/platform/files/file-system'
import { digestOf, digestOfFile } from '@skerry/platform/files/hash'
import { readSwuFile, type SwuReading } from '@skerry/platform/images/swu-file'
import { asIs, command, fits, list, required, value } from '../../program/command.ts'
import { fail, wrongUsage } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import { parseLabel } from '../../program/values.ts'
import { lineageOf, lineageOptions } from '../models/lineage-options.ts'
import { pushedText } from '../models/pushed/pushed-text.ts'

/** The same waits as for the files of models. */
const RETRY = { baseMs: 500, maxMs: 30_000 }

export const pushOs = command({
  name: 'os push',
  summary:
    'Push an image of SWUpdate or RAUC, or a list of Debian packages, as a new version; a repetition changes nothing',
  details:
    'A .yaml file is a list of packages with their versions, for agents that run with --allow-os debian. A .raucb file is a bundle, for agents with --allow-os rauc. Otherwise the image is a .swu file that you have signed. The hub adds its own signature, and does not change the image: each device checks yours. ' +
    '"skerry deploy" rolls out the image in the same way as a model.',
  examples: ['skerry os push gateway-os gateway-2.1.swu --alias stable', 'skerry os push plant-os packages.yaml'],
  arguments: {
    name: required('<name>', 'the operating system', fits(Name)),
    file: required('<file>', 'the image, or the list of packages', asIs),
  },
  options: {
    aliases: list('--alias <alias>', 'alias to set to the version', (text) => fits(Name)(text.replace(/^@/, ''))),
    labels: list('--label <key=value>', 'label of the version', parseLabel),
    version: value('--image-version <version>', 'the version in the manifest of a bundle of RAUC', asIs),
    compatible: value('--compatible <text>', 'the compatible text in the manifest of a bundle of RAUC', asIs),
    ...lineageOptions,
  },
  async run({ name, file, aliases, labels, version, compatible, ...input }, session) {
    const { signal } = session
    const files = await filesOf(file, { version, compatible }, signal)
    const { client, connection } = await session.hub()
    const delayMs = (attempt: number) => backoffMs(attempt, RETRY, session.io.random())
    for (const { path, ...blob } of files) {
      using progress = session.progress(`uploading ${path}`, blob.sizeBytes)
      await uploadBlob(connection, { ...blob, onProgress: progress.at, delayMs }, signal)
    }
    const named = files.map(({ path, digest }) => ({ path, digest }))
    const reply = await client.model.push(
      { name, files: named, ...lineageOf(input), labels: Object.fromEntries(labels), aliases },
      { signal },
    )
    session.print({ json: reply, text: () => pushedText(reply, WORDS, session.style) })
  },
})

type Stated = { version: string | undefined; compatible: string | undefined }

async function filesOf(file: string, stated: Stated, signal: AbortSignal): Promise<Pushed[]> {
  if (/\.ya?ml$/.test(file)) return [await packagesIn(file)]
  if (/\.raucb$/.test(file)) return bundleIn(file, stated, signal)
  return [await imageIn(file, signal)]
}

/** The hub cannot read a bundle, so the person states the facts. A device compares them with the bundle. */
async function bundleIn(file: string, stated: Stated, signal: AbortSignal): Promise<Pushed[]> {
  const facts = RaucImage.safeParse({ format: 'rauc', ...stated })
  if (!facts.success) throw wrongUsage('a bundle of RAUC needs --image-version and --compatible, as in its manifest')
  const measured = await digestOfFile(nodeFileSystem, file, signal)
  const bundle = { path: RAUC_PATH, ...measured, source: (start: number) => createReadStream(file, { start }) }
  return [bundle, textBlob(RAUC_FACTS_PATH, facts.data)]
}

function textBlob(path: string, value: object): Pushed {
  const bytes = new TextEncoder().encode(JSON.stringify(value))
  const source = (start: number) => new Blob([bytes.slice(start)]).stream()
  return { path, digest: digestOf(bytes), sizeBytes: bytes.length, source }
}

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
  if (problems.length === 0 && values.length === 1 && only) return textBlob(PACKAGES_PATH, only.value)
  const lines = problems.map(({ place, message }) => `${place}: ${message}`)
  throw fail('file_invalid', lines.join('\n') || `${file}: it must have one list of packages`)
}

const WORDS = { same: 'has the same image already', golden: 'golden case' }
