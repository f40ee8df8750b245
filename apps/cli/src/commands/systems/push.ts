import { Readable } from 'node:stream'
import type { SkerryClient } from '@skerry/client/client'
import { uploadBlob } from '@skerry/client/upload-blob'
import { SYSTEM_PATH } from '@skerry/contract/kinds/system'
import { type SystemPart, SystemRelease } from '@skerry/contract/systems/system-release'
import { Name } from '@skerry/contract/values/names'
import { backoffMs } from '@skerry/core/values/backoff'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import { partsTable } from '../../kinds/system/system-kind.ts'
import { asIs, command, fits, flag, list, required } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import { parseLabel } from '../../program/values.ts'
import { pushedText } from '../models/pushed/pushed-text.ts'
import { readSystemManifest, type SystemManifest, type WrittenPart } from './system-manifest.ts'

/** The same waits as for the files of models. */
const RETRY = { baseMs: 500, maxMs: 30_000 }

export const pushSystem = command({
  name: 'system push',
  summary: 'Push a release of a system, which names its parts in their order; the same release changes nothing',
  details:
    'The file is a YAML document of kind SystemRelease. The command replaces "latest" and aliases by the numbers and digests that they have ' +
    'now, so that the release never changes. "skerry deploy" rolls it out: each device installs part after part, and returns all of them ' +
    'in the reverse order if one fails.',
  examples: ['skerry system push line.yaml', 'skerry system push line.yaml --dry-run'],
  arguments: { file: required('<file>', 'the YAML file', asIs) },
  options: {
    aliases: list('--alias <alias>', 'alias to set to the version', (text) => fits(Name)(text.replace(/^@/, ''))),
    labels: list('--label <key=value>', 'label of the version', parseLabel),
    isDryRun: flag('--dry-run', 'show the parts with their versions, and push nothing'),
  },
  async run({ file, aliases, labels, isDryRun }, session) {
    const { signal, style } = session
    const { metadata, spec } = readSystemManifest(file, await readText(file))
    const { client, connection } = await session.hub()
    const release = await resolveRelease(client, spec, signal)
    if (isDryRun) {
      session.print({ json: { name: metadata.name, release }, text: () => partsTable(release, style) })
      return
    }
    const bytes = Buffer.from(canonicalJson(release))
    const digest = digestOf(bytes)
    const source = (start: number) => Readable.from([bytes.subarray(start)])
    const delayMs = (attempt: number) => backoffMs(attempt, RETRY, session.io.random())
    await uploadBlob(connection, { digest, sizeBytes: bytes.length, source, delayMs }, signal)
    const files = [{ path: SYSTEM_PATH, digest }]
    const reply = await client.model.push(
      { name: metadata.name, files, labels: Object.fromEntries(labels), aliases },
      { signal },
    )
    session.print({ json: reply, text: () => pushedText(reply, WORDS, style) })
  },
})

const WORDS = { same: 'has the same parts already', golden: 'golden case' }

async function resolveRelease(
  client: SkerryClient,
  { description, parts }: SystemManifest['spec'],
  signal: AbortSignal,
): Promise<SystemRelease> {
  const resolved: SystemPart[] = []
  for (const part of parts) resolved.push(await resolvePart(client, part, signal))
  const release = SystemRelease.safeParse({ v: 1, ...(description !== undefined && { description }), parts: resolved })
  if (release.success) return release.data
  throw fail('file_invalid', release.error.issues[0]?.message ?? 'the release is invalid')
}

async function resolvePart(client: SkerryClient, written: WrittenPart, signal: AbortSignal): Promise<SystemPart> {
  const { name, version: reference, digest: pinned, serving, config } = written
  const found = await client.model.getVersion({ name, version: reference }, { signal })
  const { kind, version, digest, sizeBytes } = found
  if (pinned !== undefined && pinned !== digest)
    throw fail('file_invalid', `the part ${name}:${version} has the digest ${digest}, and the file states ${pinned}`)
  return { kind, name, version, digest, sizeBytes, ...(serving && { serving }), ...(config && { config }) }
}
