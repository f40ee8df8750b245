/**
 * Policy text: a placement policy in one line, as `--place` of the CLI takes it: a preset, then settings.
 *
 *     hybrid replicas=3 data=confidential in=EU,CH spread=site
 */
import { Placement } from '@skerry/contract/places/placement'
import { parseScalingLine, scalingLine } from '../scaling/scaling-line.ts'
import { canonicalJson } from '../values/canonical-json.ts'
import { durationText, parseDuration } from '../values/duration.ts'

/** The four strategies of the field, as policies. */
const drafts = {
  /** One place that all callers share. */
  centralised: { replicas: 1, order: ['cloud', 'onprem'] },
  /** One replica at each site, near its callers. */
  distributed: { replicas: 'per-site' },
  /** Where the data is: on each device at the edge. */
  edge: { replicas: 'all', order: ['edge'] },
  /** The plant first, the cloud for the rest. */
  hybrid: { replicas: 2, order: ['edge', 'onprem', 'cloud'] },
} as const

export type PlacementPreset = keyof typeof drafts
export const PLACEMENT_PRESETS = Object.keys(drafts) as readonly PlacementPreset[]

const isPreset = (word: string): word is PlacementPreset => Object.hasOwn(drafts, word)

export type PolicyParse = { ok: true; policy: Placement } | { ok: false; message: string }

/** Reads the line. */
export function parsePolicy(text: string): PolicyParse {
  const words = text.trim().split(/\s+/)
  const [first = '', ...rest] = words
  const base: Record<string, unknown> = isPreset(first) ? { ...drafts[first] } : {}
  const weights: Record<string, number> = {}
  for (const word of isPreset(first) ? rest : words) {
    const key = word.split('=', 1)[0] ?? ''
    const value = word.slice(key.length + 1)
    const read = SETTINGS[key]
    if (!read || value === '') return refuse(`"${word}" is no setting; known are ${KNOWN}`)
    const [field, parsed] = read(value)
    if (isWeight(key)) weights[field] = Number(parsed)
    else base[field] = parsed
  }
  const draft = { ...base, ...(Object.keys(weights).length > 0 && { weights }) }
  const policy = Placement.safeParse(draft)
  if (policy.success) return { ok: true, policy: policy.data }
  const [issue] = policy.error.issues
  return refuse(`${issue?.path.join('.')}: ${issue?.message}`)
}

const refuse = (message: string): PolicyParse => ({ ok: false, message })

/** The settings that are weights, and their fields. The deployment `near` and its weight have two words, and so has `metered`. */
const WEIGHTS = {
  cost: 'cost',
  latency: 'latency',
  load: 'load',
  request: 'request',
  energy: 'energy',
  bandwidth: 'bandwidth',
  loss: 'loss',
  metering: 'metered',
  nearness: 'near',
} as const satisfies Record<string, keyof Placement['weights']>

const isWeight = (key: string): key is keyof typeof WEIGHTS => Object.hasOwn(WEIGHTS, key)

const list = (value: string) => value.split(',').filter(Boolean)
const amount = (value: string) => (/^\d+$/.test(value) ? Number(value) : value)

/** Each setting of the line, and the field that it means. A value that cannot be read is rejected by the schema. */
const SETTINGS: Readonly<Record<string, (value: string) => [string, unknown]>> = {
  replicas: (value) => ['replicas', amount(value)],
  data: (value) => ['dataClass', value],
  in: (value) => ['residency', list(value)],
  order: (value) => ['order', list(value)],
  spread: (value) => ['spread', value],
  failover: (value) => ['failoverSeconds', parseDuration(value) ?? value],
  moves: (value) => ['movesPerHour', amount(value)],
  metered: (value) => ['metered', value],
  purpose: (value) => ['purpose', value],
  near: (value) => ['near', value],
  apart: (value) => ['apart', value],
  ...Object.fromEntries(
    Object.entries(WEIGHTS).map(([key, field]) => [key, (value: string): [string, unknown] => [field, amount(value)]]),
  ),
  scale: (value) => ['scaling', scalingOf(value)],
}

/** A line that cannot be read is rejected by the schema. */
function scalingOf(value: string): unknown {
  const read = parseScalingLine(value)
  return read.ok ? read.policy : value
}

const KNOWN = `${PLACEMENT_PRESETS.join(', ')}, ${Object.keys(SETTINGS)
  .map((key) => `${key}=`)
  .join(', ')}`

/** The line that gives this policy; the shortest that `parsePolicy` reads as the same. */
export function policyText(policy: Placement): string {
  const usual = Placement.parse({})
  const { replicas, dataClass, residency, order, spread, failoverSeconds, movesPerHour, weights, scaling } = policy
  const { purpose, near, apart, metered } = policy
  const preset = PLACEMENT_PRESETS.find(
    (name) => canonicalJson(Placement.parse(drafts[name])) === canonicalJson(policy),
  )
  if (preset) return preset
  const words = [
    `replicas=${replicas}`,
    ...(dataClass ? [`data=${dataClass}`] : []),
    ...(residency ? [`in=${residency.join(',')}`] : []),
    ...(order ? [`order=${order.join(',')}`] : []),
    ...(spread ? [`spread=${spread}`] : []),
    ...(purpose ? [`purpose=${purpose}`] : []),
    ...(metered ? [`metered=${metered}`] : []),
    ...(near ? [`near=${near}`] : []),
    ...(apart ? [`apart=${apart}`] : []),
    ...(failoverSeconds === usual.failoverSeconds ? [] : [`failover=${durationText(failoverSeconds)}`]),
    ...(movesPerHour === usual.movesPerHour ? [] : [`moves=${movesPerHour}`]),
    ...Object.entries(WEIGHTS)
      .filter(([, field]) => weights[field] !== usual.weights[field])
      .map(([key, field]) => `${key}=${weights[field]}`),
    ...(scaling ? [`scale=${scalingLine(scaling, ';')}`] : []),
  ]
  return words.join(' ')
}
