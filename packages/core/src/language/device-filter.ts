/**
 * Device filter: the text above the list of devices, and of `skerry device ls --filter`. Like the filters of all other
 * lists, it is words or an expression. The hub evaluates it, because a fleet has more devices than a page should load.
 *
 *     anomaly site:oslo health:failed           each word must be there: in any field, or in the named one
 *     device.labels.line == "4"                 a selector, because it names `device.` or has an operator
 *
 * A text in double quotes is always a word. A selector that does not compile is rejected, and never read as words.
 */
import { DeviceHealth, type DeviceLink, DeviceStatus, Liveness } from '@skerry/contract/devices/device'
import type { ItemState } from '@skerry/contract/devices/item'
import { shownHealth } from '../devices/tense.ts'
import { compileSelector, type SelectorFacts } from '../selectors/selector.ts'
import { DEVICE_FIELDS, readsAsSelector } from './device-fields.ts'
import { readWords, unmetWords, type Word, type WordFields } from './words.ts'

/** A device without its models: one row of the hub's table. */
export type FilteredDevice = {
  facts: SelectorFacts
  liveness: Liveness
  link: DeviceLink
  agentVersion?: string | undefined
  cpuModel?: string | undefined
}

/** The facts that need a second look into the tables: the device's models, and the health that follows from them. */
export type FilteredStanding = {
  health: DeviceHealth
  models: readonly {
    name: string
    version: number
    state: ItemState
    serving?: number | undefined
    /** Also of a failure that the device only remembers. */
    cause?: string | undefined
  }[]
}

export type DeviceFilter = {
  ok: true
  kind: 'words' | 'selector'
  /** Whether the device fits; undefined if that depends on its models. */
  judge: (device: FilteredDevice) => boolean | undefined
  judgeWhole: (device: FilteredDevice, standing: FilteredStanding) => boolean
  /** The names before a version in the words, such as `ocr` of `ocr:2`. A name that no model has was meant as a field. */
  modelNames: readonly string[]
}
export type DeviceFilterRefusal = { ok: false; code: 'filter_invalid'; message: string }

/** Fields that only `judgeWhole` knows. */
const STANDING_FIELDS: readonly string[] = ['health', 'model', 'cause', 'failure']

/** Compiles the text once for any number of devices. */
export function compileDeviceFilter(text: string): DeviceFilter | DeviceFilterRefusal {
  return readsAsSelector(text) ? selectorFilter(text) : wordFilter(text)
}

function selectorFilter(text: string): DeviceFilter | DeviceFilterRefusal {
  const selector = compileSelector(text)
  if (!selector.ok) {
    const why = 'the filter is read as a selector, because it names "device." or "site.", or has an operator'
    return refuse(`${why}. ${selector.message}. To find the text itself, put it into double quotes`)
  }
  const matches = ({ facts }: FilteredDevice) => selector.matches(facts)
  return { ok: true, kind: 'selector', judge: matches, judgeWhole: matches, modelNames: [] }
}

function wordFilter(text: string): DeviceFilter | DeviceFilterRefusal {
  const words = readWords(text, Object.keys(DEVICE_FIELDS))
  const unknown = unknownField(text)
  if (unknown !== undefined) return unknownFieldOf(unknown)
  const problem = words.map(valueProblem).find((found) => found !== undefined)
  if (problem !== undefined) return refuse(problem)
  return {
    ok: true,
    kind: 'words',
    judge: (device) => judgeEarly(unmetWords(words, ownFields(device))),
    judgeWhole: (device, standing) =>
      unmetWords(words, { ...ownFields(device), ...standingFields(device, standing) }).length === 0,
    modelNames: words.flatMap(({ field, text: word }) => (field === undefined ? modelNameOf(word) : [])),
  }
}

function judgeEarly(unmet: readonly Word[]): boolean | undefined {
  if (unmet.length === 0) return true
  const isOpen = unmet.every(({ field }) => field === undefined || STANDING_FIELDS.includes(field))
  return isOpen ? undefined : false
}

/** `modell:ocr` names a field that does not exist. `ocr:2` and `ocr:` are a model with its version. */
function unknownField(text: string): string | undefined {
  const unquoted = text.replace(/"[^"]*"?/g, '""')
  const names = [...unquoted.matchAll(/(?:^|\s)([a-z]+):(?=[^\s\d])/gi)].map(([, name = '']) => name)
  return names.find((name) => !(name.toLowerCase() in DEVICE_FIELDS))
}

/** Why the value of a field that has only a few finds nothing, such as `health:faild`; undefined if it may find some. */
function valueProblem({ field, text }: Word): string | undefined {
  const values = field === undefined ? undefined : VALUES[field]
  if (!values || values.some((value) => value.includes(text))) return undefined
  const [other] = Object.entries(VALUES).flatMap(([name, words]) => (words.includes(text) ? [`${name}:${text}`] : []))
  const meant = other ?? (AWAY_WORDS.includes(text) ? 'status:disconnected' : undefined)
  const hint = meant === undefined ? '' : `. Use ${meant}`
  return `${field} has no value "${text}". The values are ${values.join(', ')}${hint}`
}

/** Words that people use for a device without a connection. */
const AWAY_WORDS: readonly string[] = ['offline', 'disconnected', 'away', 'down', 'lost']

/** `memory:23` is a model with its version only if a model has the name. */
export const unknownFieldOf = (name: string): DeviceFilterRefusal =>
  refuse(
    `devices have no field "${name}". The fields are ${Object.keys(DEVICE_FIELDS).join(', ')}. Put a text with ":" into double quotes`,
  )

const modelNameOf = (word: string): string[] => /^([^\s:]+):\d+$/.exec(word)?.slice(1) ?? []

const refuse = (message: string): DeviceFilterRefusal => ({ ok: false, code: 'filter_invalid', message })

function ownFields({ facts: { device, site }, liveness, link, agentVersion, cpuModel }: FilteredDevice): WordFields {
  return {
    name: [device.name],
    site: [site.name],
    label: Object.entries(device.labels).map(([key, value]) => `${key}=${value}`),
    agent: present(agentVersion),
    processor: present(cpuModel),
    system: [...present(device.os), ...present(device.arch)],
    status: [device.status, liveness, ...(link.connected ? [] : ['disconnected'])],
    id: [device.id],
  }
}

const standingFields = (device: FilteredDevice, { health, models }: FilteredStanding): WordFields => ({
  health: [health, ...healthWords(device, health)],
  model: models.flatMap(({ name, version, serving }) => [
    `${name}:${version}`,
    ...(serving === undefined || serving === version ? [] : [`${name}:${serving}`]),
  ]),
  cause: models.flatMap(({ cause }) => present(cause)),
  failure: models.flatMap(({ state, cause }) => failureWords(state, cause)),
})

/**
 * A failure is present until the hub offers another version. The device remembers the failed one, and its cause, from
 * the moment at which it has returned to the version before.
 */
function failureWords(state: ItemState, cause: string | undefined): string[] {
  if (state === 'failed') return ['present', 'remembered', ...present(cause)]
  return cause === undefined ? [] : ['remembered', cause]
}

function healthWords({ liveness, link }: FilteredDevice, health: DeviceHealth): string[] {
  const shown = shownHealth({ health, liveness, link })
  return present(shown === 'stopped' ? shown : HEALTH_WORDS[health])
}

/** Other words that people use for a health. */
const HEALTH_WORDS: Partial<Record<DeviceHealth, string>> = {
  stale: 'silent',
  never: 'never seen',
  pending: 'waiting for approval',
}

/** The fields that have only a few values. A part of a value finds it, too. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  health: [...DeviceHealth.options, 'stopped', ...Object.values(HEALTH_WORDS)],
  status: [...DeviceStatus.options, ...Liveness.options, 'disconnected'],
}

const present = (value: string | undefined) => (value === undefined ? [] : [value])
