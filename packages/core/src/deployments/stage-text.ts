/**
 * Stage text: what a version must go through on each device before it serves, in one line, as a command line and a form take it.
 *
 *     shadow  100 for 10m                        at least 100 answers compared, over at least ten minutes; none may be wrong
 *             100 for 10m of 25% within 1%       a quarter of the requests is copied; one answer in a hundred may be wrong
 *             100 for 10m at 0.01/0.001          a difference of 0.01 + 0.001 × |expected| is none
 *             100 for 10m only                   it is only compared, and never serves
 *     switch  approved                           when all have it ready, they switch as soon as a person approves
 *             at once keep 1h                    as soon as all have it ready; the version before stays loaded for an hour
 */
import { ShadowSpec, SwitchOver } from '@skerry/contract/models/serving'
import { durationText, parseDuration } from '../values/duration.ts'

const NUMBER = String.raw`[\d.]+(?:e-?\d+)?`

const SHADOW = new RegExp(
  String.raw`^(?<compared>\d+)(?:\s+for\s+(?<time>\w+))?(?:\s+of\s+(?<share>${NUMBER})%)?(?:\s+within\s+(?<wrong>${NUMBER})%)?` +
    String.raw`(?:\s+at\s+(?<absolute>${NUMBER})/(?<relative>${NUMBER}))?(?<only>\s+only)?$`,
)

/** The shadow that the text says; undefined where it says none. */
export function parseShadow(text: string): ShadowSpec | undefined {
  const { compared, time, share, wrong, absolute, relative, only } = SHADOW.exec(text.trim())?.groups ?? {}
  if (compared === undefined) return undefined
  return ShadowSpec.safeParse({
    minCompared: Number(compared),
    ...(time !== undefined && { seconds: parseDuration(time) ?? Number.NaN }),
    ...(share !== undefined && { share: shareOf(share) }),
    ...(wrong !== undefined && { maxMismatchShare: shareOf(wrong) }),
    ...(absolute !== undefined && { tolerance: { absolute: Number(absolute), relative: Number(relative) } }),
    ...(only !== undefined && { promote: false }),
  }).data
}

/** The text that says this shadow. */
export function shadowText({ minCompared, seconds, share, maxMismatchShare, tolerance, promote }: ShadowSpec): string {
  return [
    `${minCompared} for ${durationText(seconds)}`,
    ...(share === 1 ? [] : [`of ${percent(share)}%`]),
    ...(maxMismatchShare === 0 ? [] : [`within ${percent(maxMismatchShare)}%`]),
    ...(tolerance ? [`at ${tolerance.absolute}/${tolerance.relative}`] : []),
    ...(promote ? [] : ['only']),
  ].join(' ')
}

/** The switch that the text says; undefined where it says none. */
export function parseSwitch(text: string): SwitchOver | undefined {
  const { how, time } = /^(?<how>approved|at\s+once)(?:\s+keep\s+(?<time>\w+))?$/.exec(text.trim())?.groups ?? {}
  if (how === undefined) return undefined
  return SwitchOver.safeParse({
    approval: how === 'approved',
    ...(time !== undefined && { keepSeconds: parseDuration(time) ?? Number.NaN }),
  }).data
}

/** The text that says this switch. */
export const switchText = ({ approval, keepSeconds }: SwitchOver): string =>
  `${approval ? 'approved' : 'at once'} keep ${durationText(keepSeconds)}`

/** Both without the digits that only the computer's way of counting adds: 7, not 7.000000000000001. */
const percent = (share: number) => Number((share * 100).toPrecision(12))
const shareOf = (percents: string) => Number((Number(percents) / 100).toPrecision(12))
