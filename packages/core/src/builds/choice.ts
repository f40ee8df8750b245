/**
 * Choice: the form of a version that the devices of each class of hardware get: its fastest build, as far as devices of
 * the class have measured. A build that nobody measured there, or that may be slower, is never chosen.
 */
import type { Recipe } from '@skerry/contract/builds/build'
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
import { bestSession } from './session-settings.ts'

export type ChoiceBuild = { id: BuildId; recipe: Recipe; sizeBytes: number }

/** The newest measurement of one build on one device. */
export type ChoiceMeasurement = {
  build: BuildId
  hardwareClass: string
  device: string
  timing?: Pick<Timing, 'speed'> | undefined
  problem?: { code: string } | undefined
  sessions?: readonly SessionResult[] | undefined
  measuredAtMs: number
}

type Facts = {
  builds: readonly ChoiceBuild[]
  measurements: readonly ChoiceMeasurement[]
  /** The classes of the fleet. Classes with a measurement are added. */
  classes: Iterable<string>
}

type Judged = ChoiceBuild & { reason: ChoiceReason; speed?: Ratio | undefined; device?: string | undefined }

/** One row for each class, by name. The candidates of a row: the best first, then the faster ones. */
export function chooseBuilds({ builds, measurements, classes }: Facts): ClassChoice[] {
  const byClass = Map.groupBy(measurements, ({ hardwareClass }) => hardwareClass)
  const all = [...new Set([...classes, ...byClass.keys()])].sort()
  return all.map((hardwareClass) => chooseFor(hardwareClass, builds, byClass.get(hardwareClass) ?? []))
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
  builds: readonly ChoiceBuild[],
  measurements: readonly ChoiceMeasurement[],
): ClassChoice {
  const [best, ...others] = builds.map((build) => judge(build, newestOf(build.id, measurements))).sort(byRank)
  if (best?.reason !== 'best') return { hardwareClass, candidates: (best ? [best, ...others] : []).map(candidateOf) }
  const behind = others.map((one) => (one.reason === 'best' ? { ...one, reason: 'behind' as const } : one))
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

/** `best` for every admissible build: the caller keeps it for the first one. */
function judge(build: ChoiceBuild, measured: ChoiceMeasurement | undefined): Judged {
  if (!measured) return { ...build, reason: 'unmeasured' }
  const { device, timing, problem } = measured
  if (!timing) return { ...build, device, reason: problem?.code === 'wrong' ? 'wrong' : 'failed' }
  const { speed } = timing
  // The whole interval must lie above 1: a build that may be slower only costs accuracy.
  return { ...build, device, speed, reason: speed !== undefined && speed.low > 1 ? 'best' : 'slower' }
}

const byRank = (a: Judged, b: Judged) =>
  RANK[a.reason] - RANK[b.reason] ||
  (b.speed?.middle ?? 0) - (a.speed?.middle ?? 0) ||
  a.sizeBytes - b.sizeBytes ||
  compare(a.id, b.id)

const RANK: Readonly<Record<ChoiceReason, number>> = {
  best: 0,
  behind: 1,
  slower: 2,
  wrong: 3,
  failed: 4,
  unmeasured: 5,
}

const candidateOf = ({ id, recipe, reason, speed, device }: Judged): ClassChoice['candidates'][number] => ({
  build: id,
  recipe,
  reason,
  ...(speed && { speed }),
  ...(device !== undefined && { device }),
})

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b))
