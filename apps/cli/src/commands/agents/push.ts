import { createReadStream } from 'node:fs'
import { uploadBlob } from '@skerry/client/upload-blob'
import { AGENT_NAME, AgentPackage } from '@skerry/contract/agents/agent-package'
import { AGENT_PATH } from '@skerry/contract/kinds/agent'
import type { Digest } from '@skerry/contract/values/digest'
import { Name } from '@skerry/contract/values/names'
import { partsProblem } from '@skerry/core/agents/agent-parts'
import { backoffMs } from '@skerry/core/values/backoff'
import { parseJson } from '@skerry/core/values/parse-json'
import { digestOfStream } from '@skerry/platform/files/hash'
import { asIs, command, fits, list, required } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import type { Session } from '../../program/session.ts'
import { parseLabel } from '../../program/values.ts'
import { readTarIndex, type TarEntry } from '../apps/archives/tar-index.ts'
import { lineageOf, lineageOptions } from '../models/lineage-options.ts'
import { pushedText } from '../models/pushed/pushed-text.ts'

/** The same waits as for the files of models. */
const RETRY = { baseMs: 500, maxMs: 30_000 }

type Part = { path: string; digest: Digest; entry: TarEntry }

export const pushAgent = command({
  name: 'agent push',
  summary: 'Push a package of the agent as a new version; a repetition changes nothing',
  details:
    '"npm run pack" makes the package. Its parts become files of the version, so the hub and the devices fetch only parts that they do not ' +
    'have yet. "skerry deploy" rolls out the agent in the same way as a model. A device that cannot run the new version returns to its own.',
  examples: [
    'skerry agent push skerry-agent-linux-x64.tar',
    'skerry agent push skerry-agent-linux-x64.tar --alias stable',
  ],
  arguments: { file: required('<file>', 'the package', asIs) },
  options: {
    aliases: list('--alias <alias>', 'alias to set to the version', (text) => fits(Name)(text.replace(/^@/, ''))),
    labels: list('--label <key=value>', 'label of the version', parseLabel),
    ...lineageOptions,
  },
  async run({ file, aliases, labels, ...input }, session) {
    const parts = await readPackage(file, session)
    const { client, connection } = await session.hub()
    for (const { path, digest, entry } of parts) {
      using progress = session.progress(`uploading ${path}`, entry.sizeBytes)
      const source = (start: number) => streamOf(file, entry, start)
      const delayMs = (attempt: number) => backoffMs(attempt, RETRY, session.io.random())
      const upload = { digest, sizeBytes: entry.sizeBytes, source, onProgress: progress.at, delayMs }
      await uploadBlob(connection, upload, session.signal)
    }
    const files = parts.map(({ path, digest }) => ({ path, digest }))
    const reply = await client.model.push(
      { name: AGENT_NAME, files, ...lineageOf(input), labels: Object.fromEntries(labels), aliases },
      { signal: session.signal },
    )
    session.print({ json: reply, text: () => pushedText(reply, WORDS, session.style) })
  },
})

const WORDS = { same: 'has the same files already', golden: 'golden case' }

/** The parts by their real digests. Makes the checks that the hub makes, before anything is uploaded. */
async function readPackage(file: string, session: Session): Promise<Part[]> {
  const index = await readTarIndex(file)
  const main = index.get(AGENT_PATH)
  if (!main) throw fail('file_invalid', `${file} has no ${AGENT_PATH}; make the package with "npm run pack"`)
  const parsed = AgentPackage.safeParse(parseJson(await textOf(file, main)))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw fail('file_invalid', `${file}: ${AGENT_PATH}, ${issue?.path.join('.')}: ${issue?.message}`)
  }
  const entries = [...index.values()]
  using progress = session.progress(
    'checking the package',
    entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  )
  const parts: Part[] = []
  let doneBytes = 0
  for (const entry of entries) {
    const { digest } = await digestOfStream(streamOf(file, entry, 0), session.signal)
    parts.push({ path: entry.path, digest, entry })
    doneBytes += entry.sizeBytes
    progress.at(doneBytes)
  }
  const files = parts.map(({ path, digest, entry: { sizeBytes } }) => ({ path, digest, sizeBytes }))
  const problem = partsProblem(parsed.data, files)
  if (problem !== undefined) throw fail('file_invalid', `${file}: ${problem}`)
  return parts
}

const streamOf = (file: string, { offset, sizeBytes }: TarEntry, start: number) =>
  createReadStream(file, { start: offset + start, end: offset + sizeBytes - 1 })

async function textOf(file: string, entry: TarEntry): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of streamOf(file, entry, 0)) pieces.push(piece)
  return Buffer.concat(pieces).toString('utf8')
}
