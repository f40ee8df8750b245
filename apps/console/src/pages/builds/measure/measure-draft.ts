/** Measure draft: the form of a measurement as typed text, and the request that it describes. */
import { BenchRequest } from '@skerry/contract/builds/bench-command'
import { CANDIDATES_MAX } from '@skerry/contract/builds/measurement'
import { BuildId } from '@skerry/contract/values/ids'
import { withoutGroups } from '@skerry/core/groups/group-text'
import { compileSelector } from '@skerry/core/selectors/selector'
import { buildTexts } from '../english-builds.ts'

const words = buildTexts.measure.problems

/** The builds of one measurement. The version itself is the other candidate. */
export const BUILDS_MAX = CANDIDATES_MAX - 1

export type MeasureDraft = {
  builds: ReadonlySet<string>
  selector: string
  seconds: string
  cpuPercent: string
  /** Whether devices also try settings of sessions. */
  sessions?: boolean
  /** Whether devices also run several rows as one. */
  batches?: boolean
}

export type MeasureProblems = Partial<Record<'builds' | 'selector' | 'seconds' | 'cpuPercent', string>>

export type ReadMeasure = { request: BenchRequest | undefined; problems: MeasureProblems }

const USUAL = BenchRequest.parse({})

/** All builds, as far as one measurement takes them. */
export const measureDraftOf = (builds: readonly { id: string }[]): MeasureDraft => ({
  builds: new Set(builds.slice(0, BUILDS_MAX).map(({ id }) => id)),
  selector: 'true',
  seconds: String(USUAL.seconds),
  cpuPercent: String(USUAL.cpuPercent),
})

export function readMeasure({ builds, selector, seconds, cpuPercent, sessions, batches }: MeasureDraft): ReadMeasure {
  const compiled = compileSelector(withoutGroups(selector))
  const problems: MeasureProblems = {
    ...(builds.size > BUILDS_MAX && { builds: words.builds(BUILDS_MAX) }),
    ...(!compiled.ok && { selector: compiled.message }),
    ...(!isRight('seconds', seconds) && { seconds: words.seconds }),
    ...(!isRight('cpuPercent', cpuPercent) && { cpuPercent: words.cpuPercent }),
  }
  if (Object.keys(problems).length > 0) return { request: undefined, problems }
  const request = {
    builds: [...builds].map((id) => BuildId.parse(id)),
    seconds: Number(seconds),
    cpuPercent: Number(cpuPercent),
    ...(sessions && { sessions }),
    ...(batches && { batches }),
  }
  return { request, problems }
}

const isRight = (field: 'seconds' | 'cpuPercent', text: string): boolean =>
  text.trim() !== '' && BenchRequest.shape[field].safeParse(Number(text)).success
