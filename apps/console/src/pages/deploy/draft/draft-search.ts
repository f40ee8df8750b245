/** Draft search: a deployment on its way to be made, as the address of the wizard keeps it: the texts of its fields as they were written. */

export const STEPS = ['what', 'where', 'how', 'review'] as const
export type Step = (typeof STEPS)[number]

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
/** What a wave asks of people: `true`, or absent. */
export const WAVE_FLAGS = ['mandatory', 'approval', 'pause'] as const
const WAVE_FIELDS = [...WAVE_TEXTS, ...WAVE_FLAGS] as const
/** What was written for one wave; absent means the usual. */
export type WaveDraft = Partial<Record<(typeof WAVE_FIELDS)[number], string>>

/** How quickly it goes out, and how often a device tries. */
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
] as const
export const PROBATION_FIELDS = ['seconds', 'failureRateMax'] as const

export type Draft = {
  step?: Step | undefined
  /** The deployment that is changed, and the revision that it is to look like again. */
  from?: string | undefined
  at?: string | undefined
  /** The revision that the draft began from; 0 where there was none. What is newer was not seen. */
  base?: string | undefined
  name?: string | undefined
  model?: string | undefined
  version?: string | undefined
  to?: string | undefined
  waves?: readonly WaveDraft[] | undefined
  rate?: string | undefined
  budget?: string | undefined
  retry?: string | undefined
  shadow?: string | undefined
  switchOver?: string | undefined
  /** Windows, and `ignore` where update locks do not hold it. */
  download?: string | undefined
  install?: string | undefined
  locks?: string | undefined
  onFailure?: string | undefined
  offline?: string | undefined
  lateJoiners?: string | undefined
  serving?: Partial<Record<(typeof SERVING_FIELDS)[number], string>> | undefined
  probation?: Partial<Record<(typeof PROBATION_FIELDS)[number], string>> | undefined
}

type Raw = Readonly<Record<string, unknown>>

/** [contract, Strategy] More waves than this are none. */
const WAVES_MAX = 100
/** [contract, SelectorText] The longest text of a field. */
const TEXT_MAX = 2_000

/** What of an address is a draft. Fields that were emptied stay empty: they are not as usual. */
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
    to: text('to'),
    waves: Array.isArray(raw.waves)
      ? raw.waves.slice(0, WAVES_MAX).map((wave) => recordOf(wave, WAVE_FIELDS) ?? {})
      : undefined,
    ...(Object.fromEntries(PACE_FIELDS.map((key) => [key, text(key) || undefined])) as Pick<Draft, PaceField>),
    onFailure: text('onFailure') || undefined,
    offline: text('offline') || undefined,
    lateJoiners: text('lateJoiners') || undefined,
    serving: recordOf(raw.serving, SERVING_FIELDS),
    probation: recordOf(raw.probation, PROBATION_FIELDS),
  }
}

/** The router reads 4 and true as what they look like. */
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
