/** The options of a learning, for one machine and for each of a fleet. */
import { FindingCode, LearningSpec } from '@skerry/contract/learning/learning'
import { type LeftOutTime, LeftOutTimes } from '@skerry/contract/learning/mark'
import { TagName } from '@skerry/contract/sources/tag'
import { Name } from '@skerry/contract/values/names'
import { systemClock } from '@skerry/platform/process/clock'
import type * as z from 'zod'
import { fits, fitsNumber, flag, list, needed, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { instantOf, type Moment, parseDuration, parseMoment } from '../../program/values.ts'

const { shape } = LearningSpec

/** `panel/horn`, or `panel/horn/bool`. */
function parseLamp(text: string): { source: Name; tag: TagName; as: 'number' | 'bool' } {
  const [source, tag, as = 'number', ...more] = text.split('/')
  const lamp = shape.lamp.unwrap().safeParse({ source, tag, as })
  if (more.length > 0 || !lamp.success) throw new Error('must be SOURCE/TAG, or SOURCE/TAG/bool')
  return lamp.data
}

/** `3h/1h`, or two instants. */
function parseTimes(text: string): { from: Moment; to: Moment } {
  const [from = '', to = '', ...more] = text.split('/')
  if (to === '' || more.length > 0) throw new Error('must be FROM/TO, such as 3h/1h')
  return { from: parseMoment(from), to: parseMoment(to) }
}

export const RECIPE = {
  source: needed('--source <source>', 'the source of the tags on this device', fits(Name)),
  tags: list('--tag <tag>', 'a tag to learn; give at least one, best several that move together', fits(TagName)),
  recording: value(
    '--recording <name>',
    'learn from this recording, which "skerry agent --import-history" made on the device, and collect nothing',
    fits(Name),
  ),
  seconds: value('--for <duration>', 'how long the device collects rows; 7d by default', parseDuration),
  everyMs: value('--every-ms <number>', 'the time between two rows; 10000 by default', fitsNumber(shape.everyMs)),
  samples: value('--samples <number>', 'the rows of one window; 16 by default', fitsNumber(shape.samples)),
  falseAlarmDays: value(
    '--false-alarm-days <number>',
    'at most one false alarm in so many days; 7 by default',
    fitsNumber(shape.falseAlarmDays),
  ),
  shadowSeconds: value(
    '--shadow <duration>',
    'how long the device tries the detector before its alarm is live; 1d by default, 0s for not at all',
    parseDuration,
  ),
  keepSeconds: value(
    '--keep <duration>',
    'how long the device keeps rows afterwards, for "skerry learn normal"; 7d by default, 0s for not at all',
    parseDuration,
  ),
  lamp: value(
    '--lamp <source/tag>',
    'the alarm writes this tag, which must allow it; its interlock counts for each write. /bool behind it for a coil',
    parseLamp,
  ),
  leaveOut: list(
    '--leave-out <from/to>',
    'rows of this time are not learned: two instants with / between them, past or planned, or times ago such as 3h/1h',
    parseTimes,
  ),
  accept: list('--accept <finding>', 'learn in spite of a finding, such as two_regimes', fits(FindingCode)),
  isDeployed: flag(
    '--deploy',
    'run the detector and its alarm on the device as soon as the shadow has kept the promise',
  ),
}

type Times = ReturnType<typeof parseTimes>
type Given = { isDeployed: boolean; leaveOut: readonly Times[]; [option: string]: unknown }

/** Throws wrong usage with the option that does not fit. */
export function readSpec<Spec>(schema: z.ZodType<Spec>, { isDeployed, leaveOut: _, ...given }: Given): Spec {
  const wish = Object.fromEntries(Object.entries(given).filter(([, word]) => word !== undefined))
  const spec = schema.safeParse({ ...wish, result: isDeployed ? 'deploy' : 'version' })
  if (!spec.success) throw wrongUsage(messageOf(spec.error.issues[0]))
  return spec.data
}

/** Throws wrong usage if a time ends before it begins. */
export function readTimes({ leaveOut }: Given): LeftOutTime[] {
  const nowMs = Math.floor(systemClock.nowMs())
  const times = leaveOut.map(({ from, to }) => ({
    fromMs: Math.floor(instantOf(from, nowMs) ?? nowMs),
    toMs: Math.floor(instantOf(to, nowMs) ?? nowMs),
    reason: 'left out at the start',
  }))
  const read = LeftOutTimes.safeParse(times)
  if (!read.success) throw wrongUsage(`--leave-out: ${read.error.issues[0]?.message}`)
  return read.data
}

const messageOf = (issue: { path: PropertyKey[]; message: string } | undefined) =>
  issue?.path[0] === 'tags' && issue.path.length === 1
    ? `--tag: ${issue.message}`
    : `${issue?.path.join('.')}: ${issue?.message}`
