/** Draft: converts the form's text to a deployment, or to an error for each field; and a deployment to text. */
import { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import { Probation, Serving } from '@skerry/contract/models/serving'
import { withoutGroups } from '@skerry/core/groups/group-text'
import { parsePolicy, policyText } from '@skerry/core/places/policy-text'
import { parseScalingLine, scalingLine } from '@skerry/core/scaling/scaling-line'
import { compileSelector } from '@skerry/core/selectors/selector'
import { durationText, parseDuration } from '@skerry/core/values/duration'
import { deployTexts } from '../english-deploy.ts'
import { consentDraft, paceDraft, rawConsent, rawPace } from './draft-pace.ts'
import { type Draft, type FormStep, PROBATION_FIELDS, SERVING_FIELDS, type WaveDraft } from './draft-search.ts'

const words = deployTexts.problems

/** The errors by field: `name`, `to`, `waves.0.limit`, `serving.instances`. */
export type Problems = Readonly<Record<string, string>>

export type ReadDraft = { spec: DeploymentSpec | undefined; problems: Problems }

/** The deployment of a draft. */
export function readDraft(draft: Draft): ReadDraft {
  const problems: Record<string, string> = {}
  const raw = {
    name: nameOf(draft),
    deployable: draft.model,
    version: draft.version ?? 'latest',
    ...definedOf({ build: draft.build }),
    selector: draft.to ?? 'true',
    ...rawPlacement(draft, problems),
    strategy: {
      waves: (draft.waves ?? []).map((wave, index) => rawWave(wave, `waves.${index}`, problems)),
      ...rawPace(draft, problems),
      ...definedOf({ onFailure: draft.onFailure, offline: draft.offline, lateJoiners: draft.lateJoiners }),
    },
    serving: { ...rawRecord(draft.serving, PLAIN_FIELDS), ...rawScaling(draft, problems) },
    probation: rawRecord(draft.probation, PROBATION_FIELDS),
    ...(draft.config && { config: draft.config }),
    ...rawPlaces(draft),
  }
  const parsed = DeploymentSpec.safeParse(raw)
  for (const issue of parsed.error?.issues ?? []) {
    const field = fieldOf(issue.path)
    // The deployment will take the name of the model, which is not chosen yet.
    if (field === 'name' && draft.name === undefined) continue
    problems[field] ??= problemText(field, issue)
  }
  checkSelectors(draft, problems)
  const isRight = parsed.success && Object.keys(problems).length === 0
  return { spec: isRight ? parsed.data : undefined, problems }
}

/** A place whose form is still empty says nothing. */
function rawPlaces({ configAt = [] }: Draft) {
  const places = configAt.filter(({ config }) => Object.keys(config).length > 0)
  return places.length === 0 ? {} : { configAt: places }
}

/** An empty line is no policy: all devices of the selector. */
function rawPlacement({ place = '' }: Draft, problems: Record<string, string>) {
  if (place.trim() === '') return {}
  const read = parsePolicy(place)
  if (!read.ok) {
    problems.place = read.message
    return {}
  }
  return { placement: read.policy }
}

/** All but the policy of scaling, which is a line of its own. */
const PLAIN_FIELDS = SERVING_FIELDS.filter((field) => field !== 'scaling')

/** An empty line is no policy: the number of workers is `instances`. */
function rawScaling({ serving }: Draft, problems: Record<string, string>) {
  const line = serving?.scaling?.trim() ?? ''
  if (line === '') return {}
  const read = parseScalingLine(line)
  if (read.ok) return { scaling: read.policy }
  problems['serving.scaling'] = read.message
  return {}
}

/** The name of the deployment. It is the model's name, until a person changes it. */
export const nameOf = ({ name, model }: Draft): string => name ?? model ?? ''

const definedOf = (record: Readonly<Record<string, string | undefined>>) =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))

function rawWave(wave: WaveDraft, path: string, problems: Record<string, string>): Record<string, unknown> {
  const seconds = (key: 'soak' | 'deadline') => {
    const text = wave[key]
    const parsed = text ? parseDuration(text) : undefined
    if (text && parsed === undefined) problems[`${path}.${key}`] = words.duration
    return parsed
  }
  const raw = {
    name: wave.name || undefined,
    selector: wave.to || undefined,
    limit: amountOf(wave.limit),
    soakSeconds: seconds('soak'),
    failuresMax: amountOf(wave.failures),
    minExecuted: wave.executed ? Number(wave.executed) : undefined,
    deadlineSeconds: seconds('deadline'),
    ...rawConsent(wave, path, problems),
  }
  return Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== undefined))
}

const amountOf = (text: string | undefined) =>
  text && /^\d+$/.test(text.trim()) ? Number(text) : text?.trim() || undefined

/** An emptied field has its default. */
function rawRecord(texts: Readonly<Record<string, string | undefined>> | undefined, fields: readonly string[]) {
  const written = fields.filter((field) => texts?.[field]?.trim())
  return Object.fromEntries(written.map((field) => [field, plainOf(texts?.[field]?.trim() ?? '')]))
}

/** Fields with words. All other fields are numbers or booleans. */
const WORDS: ReadonlySet<string> = new Set([
  ...Serving.shape.isolation.unwrap().options,
  ...Serving.shape.onCrash.unwrap().options,
])

function plainOf(text: string): number | boolean | string {
  if (WORDS.has(text)) return text
  return text === 'true' || text === 'false' ? text === 'true' : Number(text)
}

const FIELD_NAMES: Readonly<Record<string, string>> = {
  deployable: 'model',
  selector: 'to',
  soakSeconds: 'soak',
  failuresMax: 'failures',
  minExecuted: 'executed',
  deadlineSeconds: 'deadline',
}

const fieldOf = (path: readonly PropertyKey[]): string =>
  path
    .filter((part) => part !== 'strategy')
    .map((part) => FIELD_NAMES[String(part)] ?? String(part))
    .join('.')
    // The form has one line for the whole policy.
    .replace(/^serving\.scaling\..*/, 'serving.scaling')

type Issue = { code?: string; message: string; minimum?: number | bigint; maximum?: number | bigint; input?: unknown }

function problemText(field: string, { code, message, minimum, maximum }: Issue): string {
  if (field === 'model') return words.model
  if (field === 'name') return words.name
  if (/\.(limit|failures)$/.test(field)) return words.amount
  if (code === 'too_small' && minimum !== undefined) return words.atLeast(Number(minimum))
  if (code === 'too_big' && maximum !== undefined) return words.atMost(Number(maximum))
  return code === 'invalid_type' ? words.number : message
}

function checkSelectors(draft: Draft, problems: Record<string, string>): void {
  const texts: [string, string | undefined][] = [
    ['to', draft.to ?? 'true'],
    ...(draft.waves ?? []).map(({ to }, index): [string, string | undefined] => [`waves.${index}.to`, to]),
  ]
  for (const [field, text] of texts) {
    if (!text?.trim()) continue
    const selector = compileSelector(withoutGroups(text))
    if (!selector.ok) problems[field] = selector.message
  }
}

const FIELDS_OF: Readonly<Record<Exclude<FormStep, 'review'>, RegExp>> = {
  what: /^(name|model|version|build|serving|probation|config|configAt)/,
  where: /^(to|place)$/,
  how: /^(waves|rate|budget|retry|shadow|switchOver|download|install|locks|window|onFailure|offline|lateJoiners)/,
}

/** The problems of one step. The last step has all of them. */
export function problemsOf(step: FormStep, problems: Problems): Problems {
  if (step === 'review') return problems
  return Object.fromEntries(Object.entries(problems).filter(([field]) => FIELDS_OF[step].test(field)))
}

/** A deployment as a person would write it. It has only the fields that differ from their defaults. */
export function draftOf(spec: DeploymentSpec): Draft {
  return {
    name: spec.name,
    model: spec.deployable,
    version: spec.version,
    build: spec.build,
    to: spec.selector,
    place: spec.placement && policyText(spec.placement),
    ...strategyDraft(spec.strategy),
    serving: servingDraft(spec.serving),
    probation: changedOf(spec.probation, Probation.parse({})),
    config: spec.config,
    configAt: spec.configAt,
  }
}

function servingDraft({ scaling, ...plain }: Serving): Draft['serving'] {
  const changed = changedOf(plain, Serving.parse({}))
  return scaling ? { ...changed, scaling: scalingLine(scaling) } : changed
}

/** The fields of a strategy, as a person would type them. */
export function strategyDraft(strategy: DeploymentSpec['strategy']) {
  const { waves, onFailure, offline, lateJoiners } = strategy
  return {
    ...paceDraft(strategy),
    waves: waves.length === 0 ? undefined : waves.map(waveDraft),
    onFailure: onFailure === 'pause' ? undefined : onFailure,
    offline: offline === 'wait' ? undefined : offline,
    lateJoiners: lateJoiners === 'last' ? undefined : lateJoiners,
  }
}

/** The fields of a wave, as a person would type them. */
function waveDraft(wave: DeploymentSpec['strategy']['waves'][number]): WaveDraft {
  const { name, selector, limit, soakSeconds, failuresMax, minExecuted, deadlineSeconds } = wave
  return {
    ...(name !== undefined && { name }),
    ...(selector !== undefined && { to: selector }),
    ...(limit !== undefined && { limit: String(limit) }),
    ...(soakSeconds !== 0 && { soak: durationText(soakSeconds) }),
    ...(failuresMax !== 0 && { failures: String(failuresMax) }),
    ...(minExecuted !== 1 && { executed: String(minExecuted) }),
    ...(deadlineSeconds !== 86_400 && { deadline: durationText(deadlineSeconds) }),
    ...consentDraft(wave),
  }
}

function changedOf(record: object, usual: Readonly<Record<string, unknown>>): Record<string, string> | undefined {
  const changed = Object.entries(record).filter(([key, value]) => value !== usual[key])
  return changed.length === 0 ? undefined : Object.fromEntries(changed.map(([key, value]) => [key, String(value)]))
}
