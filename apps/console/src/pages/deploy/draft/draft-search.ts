/**
 * Draft search: the unfinished deployment of the wizard in its address. It keeps the texts of the fields as they were
 * written.
 */

export const STEPS = ['what', 'where', 'how', 'review'] as const
export type FormStep = (typeof STEPS)[number]

export const WAVE_TEXTS = [
  'name',
  'to',
  'limit',
  'soak',
  'failures',
  'executed',
  'limits',
  'deadline',
  'gates',
] as const
/** The confirmations that a wave needs from people: `true`, or absent. */
export const WAVE_FLAGS = ['mandatory', 'approval', 'pause'] as const
const WAVE_FIELDS = [...WAVE_TEXTS, ...WAVE_FLAGS] as const
/** The input for one wave. An absent field means the default. */
export type WaveDraft = Partial<Record<(typeof WAVE_FIELDS)[number], string>>

/** The pace of the rollout, and the number of tries on a device. */
export const PACE_FIELDS = ['rate', 'budget', 'retry', 'shadow', 'switchOver', 'download', 'install', 'locks'] as const

type PaceField = (typeof PACE_FIELDS)[number]

export const SERVING_FIELDS = [
  'instances',
  'threads',
  'spin',
  'queueMax',
  'deadlineMs',
  'maxBatch',
  'maxDelayMs',
  'warmUpRuns',
  'isolation',
  'onCrash',
  'scaling',
] as const
export const PROBATION_FIELDS = ['seconds', 'failureRateMax'] as const

export type Draft = {
  step?: FormStep | undefined
  /** The deployment that is being changed, and the revision that it should match again. */
  from?: string | undefined
  at?: string | undefined
  /** The revision that the draft started from; 0 if there was none. The author has not seen newer ones. */
  base?: string | undefined
  name?: string | undefined
  model?: string | undefined
  version?: string | undefined
  /** The build of the version that devices get, by id, by recipe or as `best`; the version itself if absent. */
  build?: string | undefined
  to?: string | undefined
  /** The placement policy in one line, as `--place` of the CLI takes it. */
  place?: string | undefined
  waves?: readonly WaveDraft[] | undefined
  rate?: string | undefined
  budget?: string | undefined
  retry?: string | undefined
  shadow?: string | undefined
  switchOver?: string | undefined
  /** Windows, and `ignore` if the deployment ignores update locks. */
  download?: string | undefined
  install?: string | undefined
  locks?: string | undefined
  onFailure?: string | undefined
  offline?: string | undefined
  lateJoiners?: string | undefined
  serving?: Partial<Record<(typeof SERVING_FIELDS)[number], string>> | undefined
  probation?: Partial<Record<(typeof PROBATION_FIELDS)[number], string>> | undefined
  /** The settings of an app, as values of their types. */
  config?: Readonly<Record<string, SettingText>> | undefined
  /** The settings of sites and devices. */
  configAt?: PlacedDraft[] | undefined
}

export type PlacedDraft = { place: string; config: Record<string, SettingText> }

type SettingText = string | number | boolean

type Raw = Readonly<Record<string, unknown>>

/** [contract, Strategy] A strategy cannot have more waves. */
const WAVES_MAX = 100
/** [contract, SelectorText] The longest text of a field. */
const TEXT_MAX = 2_000

/** The part of an address that is a draft. Emptied fields stay empty: they do not return to their defaults. */
export function deploySearch(raw: Raw): Draft {
  const text = (key: string) => textOf(raw[key])
  return {
    step: STEPS.find((step) => step === raw.step),
    from: text('from') || undefined,
    at: text('at') || undefined,
    base: text('base') || undefined,
    name: text('name'),
    model: text('model') || undefined,
    version: text('version') || undefined,
    build: text('build') || undefined,
    to: text('to'),
    place: text('place') || undefined,
    waves: Array.isArray(raw.waves)
      ? raw.waves.slice(0, WAVES_MAX).map((wave) => recordOf(wave, WAVE_FIELDS) ?? {})
      : undefined,
    ...(Object.fromEntries(PACE_FIELDS.map((key) => [key, text(key) || undefined])) as Pick<Draft, PaceField>),
    onFailure: text('onFailure') || undefined,
    offline: text('offline') || undefined,
    lateJoiners: text('lateJoiners') || undefined,
    serving: recordOf(raw.serving, SERVING_FIELDS),
    probation: recordOf(raw.probation, PROBATION_FIELDS),
    config: settingsOf(raw.config),
    configAt: placedOf(raw.configAt),
  }
}

/** The router parses 4 as a number and true as a boolean. */
function textOf(value: unknown): string | undefined {
  const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
  return typeof text === 'string' ? text.slice(0, TEXT_MAX) : undefined
}

function recordOf<Key extends string>(value: unknown, keys: readonly Key[]): Partial<Record<Key, string>> | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const entries = keys.map((key) => [key, textOf((value as Raw)[key])] as const)
  const known = entries.filter(([, text]) => text !== undefined)
  return known.length === 0 ? undefined : (Object.fromEntries(known) as Partial<Record<Key, string>>)
}

/** [contract, SETTINGS_MAX] An app has no more settings. */
const SETTINGS_MAX = 100

function settingsOf(value: unknown): Draft['config'] {
  if (typeof value !== 'object' || value === null) return undefined
  const entries = Object.entries(value).filter(([, one]) => ['string', 'number', 'boolean'].includes(typeof one))
  return entries.length === 0 ? undefined : Object.fromEntries(entries.slice(0, SETTINGS_MAX))
}

/** [contract, PlacedConfigs] A deployment has no more places. */
const PLACES_MAX = 200

function placedOf(value: unknown): Draft['configAt'] {
  if (!Array.isArray(value)) return undefined
  const places = value.slice(0, PLACES_MAX).map((one: Raw | null) => ({
    place: textOf(one?.place) ?? '',
    config: { ...settingsOf(one?.config) },
  }))
  return places.length === 0 ? undefined : places
}
