/**
 * Scaling line: a scaling policy in one line, as a form and a command line take it.
 *
 *     0..4 concurrency=2 window=1m cooldown=30s budget=24 at=3@0_6_*_*_1-5~Europe/Berlin~8h
 */
import { Scaling, ScalingMetric } from '@skerry/contract/scaling/scaling'
import { durationText, parseDuration } from '../values/duration.ts'

export type ScalingParse = { ok: true; policy: Scaling } | { ok: false; message: string }

const EXAMPLE = '"0..4 concurrency=2 window=1m"'

type Raw = Record<string, unknown> & { panic: Record<string, unknown>; schedule: unknown[] }

/** Reads the line. Words are separated by spaces or semicolons. */
export function parseScalingLine(text: string): ScalingParse {
  const [range = '', ...words] = text.trim().split(/[\s;]+/)
  const { min, max } = /^(?<min>\d+)\.\.(?<max>\d+)$/.exec(range)?.groups ?? {}
  if (min === undefined || max === undefined) return refuse(`must begin with MIN..MAX, such as ${EXAMPLE}`)
  let raw: Raw = { min: Number(min), max: Number(max), panic: {}, schedule: [] }
  for (const word of words) {
    const [key = '', value = ''] = word.split('=', 2)
    const setting = settingOf(key)
    if (!setting || value === '') return refuse(`"${word}" is no setting; known are ${KNOWN}`)
    raw = setting(raw, value)
  }
  const { schedule, ...rest } = raw
  const parsed = Scaling.safeParse({ ...rest, ...(schedule.length > 0 && { schedule }) })
  if (parsed.success) return { ok: true, policy: parsed.data }
  const [issue] = parsed.error.issues
  return refuse(
    issue?.path[0] === 'target' ? `needs a target, such as ${EXAMPLE}` : `${issue?.path.join('.')}: ${issue?.message}`,
  )
}

const refuse = (message: string): ScalingParse => ({ ok: false, message })

type Setting = (raw: Raw, value: string) => Raw

/** A value that cannot be read is rejected by the schema. */
const seconds = (value: string): unknown => parseDuration(value) ?? value

const SETTINGS: Readonly<Record<string, Setting>> = {
  window: (raw, value) => ({ ...raw, windowSeconds: seconds(value) }),
  panic: (raw, value) => ({ ...raw, panic: { ...raw.panic, seconds: seconds(value) } }),
  ratio: (raw, value) => ({ ...raw, panic: { ...raw.panic, ratio: Number(value) } }),
  cooldown: (raw, value) => ({ ...raw, cooldownSeconds: seconds(value) }),
  budget: (raw, value) => ({ ...raw, budgetHours: Number(value) }),
  at: (raw, value) => ({ ...raw, schedule: [...raw.schedule, windowOf(value)] }),
}

function settingOf(key: string): Setting | undefined {
  const metric = ScalingMetric.safeParse(key)
  if (metric.success) return (raw, value) => ({ ...raw, target: { metric: metric.data, value: Number(value) } })
  return Object.hasOwn(SETTINGS, key) ? SETTINGS[key] : undefined
}

const KNOWN = [...ScalingMetric.options, ...Object.keys(SETTINGS)].map((key) => `${key}=`).join(', ')

/** `3@0_6_*_*_*~Europe/Berlin~8h`: three units for eight hours from each start. */
function windowOf(text: string): unknown {
  const [, min, cron = '', timeZone, duration = ''] = /^(\d+)@([^~]+)~([^~]+)~([^~]+)$/.exec(text) ?? []
  return { min: Number(min), cron: cron.replaceAll('_', ' '), timeZone, durationSeconds: parseDuration(duration) }
}

/** The shortest line that `parseScalingLine` reads as this policy. */
export function scalingLine(policy: Scaling, separator: ' ' | ';' = ' '): string {
  const { min, max, target, windowSeconds, panic, cooldownSeconds, schedule = [], budgetHours } = policy
  const usual = Scaling.parse({ max, min, target: { metric: 'rps', value: 1 } })
  const words = [
    `${min}..${max}`,
    `${target.metric}=${target.value}`,
    ...(windowSeconds === usual.windowSeconds ? [] : [`window=${durationText(windowSeconds)}`]),
    ...(panic.seconds === usual.panic.seconds ? [] : [`panic=${durationText(panic.seconds)}`]),
    ...(panic.ratio === usual.panic.ratio ? [] : [`ratio=${panic.ratio}`]),
    ...(cooldownSeconds === usual.cooldownSeconds ? [] : [`cooldown=${durationText(cooldownSeconds)}`]),
    ...(budgetHours === undefined ? [] : [`budget=${budgetHours}`]),
    ...schedule.map(
      (window) =>
        `at=${window.min}@${window.cron.replaceAll(' ', '_')}~${window.timeZone}~${durationText(window.durationSeconds)}`,
    ),
  ]
  return words.join(separator)
}
