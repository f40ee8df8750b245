/**
 * Choice: the form of a version that the devices of each class of hardware get: its best build by a preference, as far as
 * devices of the class have measured. A build that nobody measured there is never chosen, and one that may be slower
 * only by preferences for which speed is not the aim.
 */
import { BEST_BUILD, type BuildPreference, type OutputFidelity, type Recipe } from '@skerry/contract/builds/build'
import type {
  ChoiceReason,
  ClassBuild,
  ClassChoice,
  Ratio,
  SessionResult,
  SessionSettings,
  Timing,
} from '@skerry/contract/builds/measurement'
import type { BuildId } from '@skerry/contract/values/ids'
import { admit, type Bounds, compareBy, isLate, type Standing } from './preference.ts'
import { bestSession } from './session-settings.ts'

export type ChoiceBuild = {
  id: BuildId
  recipe: Recipe
  /** Of its model, without golden cases. */
  sizeBytes: number
  fidelity?: readonly OutputFidelity[] | undefined
}

type Figures = Pick<Timing, 'speed'> & Partial<Pick<Timing, 'p95Ms' | 'peakBytes'>>

/** The newest measurement of one build on one device. */
export type ChoiceMeasurement = {
  build: BuildId
  hardwareClass: string
  device: string
  timing?: Figures | undefined
  problem?: { code: string } | undefined
  sessions?: readonly SessionResult[] | undefined
  measuredAtMs: number
}

/** The memory of the version itself on one device. */
export type VersionPeak = { hardwareClass: string; device: string; peakBytes: number }

type Facts = {
  builds: readonly ChoiceBuild[]
  measurements: readonly ChoiceMeasurement[]
  /** The classes of the fleet. Classes with a measurement are added. */
  classes: Iterable<string>
  prefer?: BuildPreference
  /** Only other preferences than `best` read the rest. */
  versionPeaks?: readonly VersionPeak[]
  bounds?: Bounds
}

type Judged = ChoiceBuild & {
  reason: ChoiceReason
  speed?: Ratio | undefined
  device?: string | undefined
  standing?: Standing
}

const NO_BOUNDS: Bounds = { versionBytes: undefined, p95MaxMs: undefined }

/** One row for each class, by name. The candidates of a row: the best first, then the next best. */
export function chooseBuilds(facts: Facts): ClassChoice[] {
  const { measurements, classes } = facts
  const byClass = Map.groupBy(measurements, ({ hardwareClass }) => hardwareClass)
  const all = [...new Set([...classes, ...byClass.keys()])].sort()
  return all.map((hardwareClass) => chooseFor(hardwareClass, byClass.get(hardwareClass) ?? [], facts))
}

/** The builds that a revision fixes. A class that gets the version itself has no entry. */
export const classBuildsOf = (choices: readonly ClassChoice[]): ClassBuild[] =>
  choices.flatMap(({ hardwareClass, build, session }) => {
    if (build === undefined) return []
    return [{ hardwareClass, build, ...(session && { session: settingsOf(session) }) }]
  })

const settingsOf = ({ speed: _speed, ...settings }: NonNullable<ClassChoice['session']>): SessionSettings => settings

/** The choice for a device of the class; undefined if it gets the version itself. */
export const choiceFor = (choices: readonly ClassBuild[], hardwareClass: string | undefined): ClassBuild | undefined =>
  choices.find((choice) => choice.hardwareClass === hardwareClass)

/** The build of a device of the class; undefined if it gets the version itself. */
export const buildFor = (choices: readonly ClassBuild[], hardwareClass: string | undefined): BuildId | undefined =>
  choiceFor(choices, hardwareClass)?.build

/** Whether both give the same build to every class, with the same settings. */
export function isSameChoice(a: readonly ClassBuild[] | undefined, b: readonly ClassBuild[] | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return a.length === b.length && a.every((one) => isSame(one, choiceFor(b, one.hardwareClass)))
}

const isSame = (one: ClassBuild, other: ClassBuild | undefined) =>
  one.build === other?.build &&
  one.session?.threads === other.session?.threads &&
  one.session?.spin === other.session?.spin &&
  one.session?.batch === other.session?.batch

function chooseFor(
  hardwareClass: string,
  measurements: readonly ChoiceMeasurement[],
  { builds, versionPeaks = [], bounds = NO_BOUNDS, prefer = BEST_BUILD }: Facts,
): ClassChoice {
  const peaks = new Map(
    versionPeaks.flatMap((peak) => (peak.hardwareClass === hardwareClass ? [[peak.device, peak.peakBytes]] : [])),
  )
  const [best, ...others] = builds
    .map((build) => judge(build, newestOf(build.id, measurements), { prefer, bounds, peaks }))
    .sort(rankBy(prefer, bounds))
  if (best?.reason !== 'best') return { hardwareClass, candidates: (best ? [best, ...others] : []).map(candidateOf) }
  const behind = others.map((one) => (one.reason === 'best' ? { ...one, reason: whyBehind(one, best, bounds) } : one))
  const session = bestSession(newestOf(best.id, measurements)?.sessions ?? [], best.speed)
  return {
    hardwareClass,
    build: best.id,
    recipe: best.recipe,
    ...(session && { session }),
    candidates: [best, ...behind].map(candidateOf),
  }
}

/** Of two in the same millisecond, the one of the first device by name counts, so that the choice never changes. */
function newestOf(build: BuildId, measurements: readonly ChoiceMeasurement[]): ChoiceMeasurement | undefined {
  const [newest] = measurements
    .filter((one) => one.build === build)
    .sort((a, b) => b.measuredAtMs - a.measuredAtMs || compare(a.device, b.device))
  return newest
}

type Judging = { prefer: BuildPreference; bounds: Bounds; peaks: ReadonlyMap<string, number> }

/** `best` for every admissible build: the caller keeps it for the first one. */
function judge(build: ChoiceBuild, measured: ChoiceMeasurement | undefined, judging: Judging): Judged {
  if (!measured) return { ...build, reason: 'unmeasured' }
  const { device, timing, problem } = measured
  if (!timing) return { ...build, device, reason: problem?.code === 'wrong' ? 'wrong' : 'failed' }
  const { speed, p95Ms, peakBytes } = timing
  const { sizeBytes, fidelity = [] } = build
  const versionPeakBytes = judging.peaks.get(device)
  const standing: Standing = { sizeBytes, fidelity, speed, p95Ms, peakBytes, versionPeakBytes }
  return { ...build, device, speed, standing, reason: admit(judging.prefer, standing, judging.bounds) }
}

/** Builds that are not admitted are listed by speed, whatever the preference. */
const rankBy = (prefer: BuildPreference, bounds: Bounds) => {
  const better = compareBy(prefer, bounds)
  return (a: Judged, b: Judged): number =>
    RANK[a.reason] - RANK[b.reason] ||
    (a.reason === 'best' && a.standing && b.standing ? better(a.standing, b.standing) : 0) ||
    (b.speed?.middle ?? 0) - (a.speed?.middle ?? 0) ||
    a.sizeBytes - b.sizeBytes ||
    compare(a.id, b.id)
}

/** A build that misses the goal which the best one keeps is behind because of that. */
const whyBehind = (one: Judged, best: Judged, bounds: Bounds): ChoiceReason =>
  one.standing && best.standing && isLate(one.standing, bounds) && !isLate(best.standing, bounds) ? 'late' : 'behind'

const RANK: Readonly<Record<ChoiceReason, number>> = {
  best: 0,
  behind: 1,
  late: 2,
  slower: 3,
  larger: 4,
  wrong: 5,
  failed: 6,
  unmeasured: 7,
}

const candidateOf = ({ id, recipe, reason, speed, device }: Judged): ClassChoice['candidates'][number] => ({
  build: id,
  recipe,
  reason,
  ...(speed && { speed }),
  ...(device !== undefined && { device }),
})

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b))
