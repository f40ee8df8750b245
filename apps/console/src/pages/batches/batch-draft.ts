/** Batch draft: the form as text, and the batch that it describes, or its errors. */
import { BatchSpec } from '@skerry/contract/batches/batch'
import type { BatchKind } from '@skerry/contract/batches/batch-command'
import { parseRate } from '@skerry/core/deployments/pace-text'
import { withoutGroups } from '@skerry/core/groups/group-text'
import { compileSelector } from '@skerry/core/selectors/selector'
import type * as z from 'zod'
import { batchesTexts } from './english-batches.ts'

export type BatchDraft = {
  kind: BatchKind
  selector: string
  reason: string
  rate: string
  /** Value of an input for local time. Empty means at once. */
  start: string
  expiresHours: string
  timeoutSeconds: string
  level: string
  lines: string
  setLabels: string
  removeLabels: string
  /** An empty field keeps the current value. */
  logLevel: string
  reportSeconds: string
  diskFreeMb: string
  app: string
  /** Empty means all services. */
  service: string
}

export const NEW_DRAFT: BatchDraft = {
  kind: 'collect-logs',
  selector: 'true',
  reason: '',
  rate: '',
  start: '',
  expiresHours: '24',
  timeoutSeconds: '900',
  level: 'info',
  lines: '500',
  setLabels: '',
  removeLabels: '',
  logLevel: '',
  reportSeconds: '',
  diskFreeMb: '',
  app: '',
  service: '',
}

export type DraftField = keyof BatchDraft
export type DraftProblems = Partial<Record<DraftField, string>>

type Spec = z.input<typeof BatchSpec>
export type ReadDraft = { ok: true; spec: Spec; problems: DraftProblems } | { ok: false; problems: DraftProblems }

/** Returns the batch, or the error of each field. */
export function readDraft(draft: BatchDraft): ReadDraft {
  const problems: DraftProblems = {}
  const selector = compileSelector(withoutGroups(draft.selector))
  if (!selector.ok) problems.selector = selector.message
  const rate = draft.rate.trim() === '' ? undefined : parseRate(draft.rate.trim())
  if (draft.rate.trim() !== '' && !rate) problems.rate = batchesTexts.form.rateHint
  const spec = {
    command: commandOf(draft),
    selector: draft.selector,
    ...(draft.reason.trim() !== '' && { reason: draft.reason.trim() }),
    ...(rate && { rate }),
    ...(draft.start !== '' && { startAtMs: new Date(draft.start).getTime() }),
    expiresInSeconds: Math.round(Number(draft.expiresHours) * 3_600),
    timeoutSeconds: Number(draft.timeoutSeconds),
  }
  const parsed = BatchSpec.safeParse(spec)
  if (!parsed.success) {
    for (const { path, message } of parsed.error.issues) problems[fieldOf(draft, path)] ??= message
  }
  if (parsed.success && Object.keys(problems).length === 0) return { ok: true, spec: parsed.data, problems }
  return { ok: false, problems }
}

const linesOf = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** The command as it was typed. The contract decides whether it is valid. */
const commandOf = (draft: BatchDraft): unknown => ({ kind: draft.kind, ...partsOf[draft.kind]?.(draft) })

/** The fields of a command besides its kind. */
const partsOf: Readonly<Partial<Record<BatchKind, (draft: BatchDraft) => object>>> = {
  'collect-logs': ({ level, lines }) => ({ level, limit: Number(lines) }),
  relabel: ({ setLabels, removeLabels }) => ({
    set: Object.fromEntries(linesOf(setLabels).map(pairOf)),
    remove: linesOf(removeLabels),
  }),
  'restart-app': ({ app, service }) => ({ app: app.trim(), ...(service.trim() !== '' && { service: service.trim() }) }),
  'stop-app': ({ app }) => ({ app: app.trim() }),
  'start-app': ({ app }) => ({ app: app.trim() }),
  'set-configuration': ({ logLevel, reportSeconds, diskFreeMb }) => ({
    configuration: {
      ...(logLevel !== '' && { logLevel }),
      ...(reportSeconds.trim() !== '' && { reportIntervalMinSeconds: Number(reportSeconds) }),
      ...(diskFreeMb.trim() !== '' && { diskFreeMinMb: Number(diskFreeMb) }),
    },
  }),
}

function pairOf(line: string): [string, string] {
  const [key = '', ...value] = line.split('=')
  return [key.trim(), value.join('=').trim()]
}

/** The form field of each part of the batch. */
const FIELDS: Readonly<Record<string, DraftField>> = {
  selector: 'selector',
  reason: 'reason',
  rate: 'rate',
  startAtMs: 'start',
  expiresInSeconds: 'expiresHours',
  timeoutSeconds: 'timeoutSeconds',
  level: 'level',
  limit: 'lines',
  set: 'setLabels',
  remove: 'removeLabels',
  logLevel: 'logLevel',
  reportIntervalMinSeconds: 'reportSeconds',
  diskFreeMinMb: 'diskFreeMb',
  app: 'app',
  service: 'service',
}

function fieldOf({ kind }: BatchDraft, path: readonly PropertyKey[]): DraftField {
  for (const part of path.toReversed()) {
    const field = FIELDS[String(part)]
    if (field) return field
  }
  if (kind === 'relabel') return 'setLabels'
  return kind === 'set-configuration' ? 'logLevel' : 'kind'
}
