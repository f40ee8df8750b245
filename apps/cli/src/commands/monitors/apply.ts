import type { SkerryClient } from '@skerry/client/client'
import type { MonitorSpec } from '@skerry/contract/monitors/monitor'
import { structuredPatch } from 'diff'
import { stringify } from 'yaml'
import { asIs, command, flag, list } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { paintDiff } from '../deployments/painted-diff.ts'
import { monitorIfAny } from './known-monitor.ts'
import { writtenMonitors } from './monitor-file.ts'

export const applyMonitors = command({
  name: 'monitor apply',
  summary: 'Create or change monitors as described in files',
  details:
    'A YAML document has the rules of one monitor: "model" or "source", and whatever differs from the defaults. A rule that it does not name gets ' +
    'its default again. All documents are checked before any is applied. Each change is a new revision of the monitor.',
  examples: ['skerry monitor apply -f monitors.yaml --dry-run', 'skerry monitor apply -f monitors.yaml'],
  arguments: {},
  options: {
    files: list('-f, --file <file>', 'YAML file, or - for stdin', asIs),
    isDryRun: flag('--dry-run', 'show what would change, and change nothing'),
  },
  async run({ files, isDryRun }, session) {
    if (files.length === 0) throw wrongUsage('a file is missing', 'give it with -f')
    const specs = await writtenMonitors(files, session)
    const { client } = await session.hub()
    const changes: Change[] = []
    for (const spec of specs) changes.push(await compare(client, spec, session.signal))
    const { style } = session
    for (const { spec, change, diff } of changes)
      if (change !== 'none') session.note(`${style.bold(spec.model)}\n${paintDiff(diff, style)}`)
    if (!isDryRun) for (const change of changes) await applyOne(client, change, session.signal)
    session.print({
      json: { dryRun: isDryRun, changes: changes.map(({ spec, ...change }) => ({ model: spec.model, ...change })) },
      text: () => changes.map((change) => lineOf(change, isDryRun)).join('\n') || 'the files describe nothing',
    })
  },
})

type Change = { spec: MonitorSpec; change: 'create' | 'update' | 'none'; diff: string[]; revision: number }

async function compare(client: SkerryClient, spec: MonitorSpec, signal: AbortSignal): Promise<Change> {
  const found = await monitorIfAny(client, spec.model, signal)
  const diff = diffLines(found?.spec, spec)
  const revision = found?.revision ?? 0
  if (!found) return { spec, change: 'create', diff, revision: 1 }
  return diff.length === 0
    ? { spec, change: 'none', diff, revision }
    : { spec, change: 'update', diff, revision: revision + 1 }
}

async function applyOne(client: SkerryClient, { spec, change }: Change, signal: AbortSignal): Promise<void> {
  const { model: name, ...rules } = spec
  if (change !== 'none') await client.monitor.set({ name, spec: rules }, { signal })
}

const diffLines = (before: MonitorSpec | undefined, after: MonitorSpec): string[] =>
  structuredPatch('', '', before ? yamlOf(before) : '', yamlOf(after), '', '', { context: 3 }).hunks.flatMap(
    ({ lines }) => lines,
  )

/** Sorts the keys, so that only real differences remain. */
const yamlOf = (spec: MonitorSpec) => stringify(spec, { sortMapEntries: true, keepUndefined: false })

const WORDS = {
  create: ['created', 'would be created'],
  update: ['changed', 'would be changed'],
  none: ['unchanged', 'unchanged'],
} as const

const lineOf = ({ spec, change, revision }: Change, isDryRun: boolean) =>
  `the monitor of ${spec.model} ${WORDS[change][isDryRun ? 1 : 0]}, revision ${revision}`
