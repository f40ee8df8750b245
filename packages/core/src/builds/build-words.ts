/** Build words: builds and the reasons for them in sentences, for the hub, the CLI and the console. */
import { BEST_BUILD, type BuildPreference } from '@skerry/contract/builds/build'
import type { ChoiceReason, ClassBuild, ClassChoice, Ratio } from '@skerry/contract/builds/measurement'
import type { NamedBuild } from '@skerry/contract/builds/named-build'
import type { BuildId } from '@skerry/contract/values/ids'
import { buildFor } from './choice.ts'
import { preferenceWords } from './preference.ts'
import { sessionText } from './session-settings.ts'

/** Such as `build static-int8-percentile (bld_…)`. */
export const buildName = ({ recipe, build }: Pick<NamedBuild, 'recipe' | 'build'>): string =>
  `build ${recipe} (${build})`

/** Such as `1.31 times as fast as the version on x64-vnni-4c, measured on press-2`; undefined without a measurement. */
export function speedWords({ speed, hardwareClass, device }: NamedBuild): string | undefined {
  if (speed === undefined || device === undefined) return undefined
  const place = hardwareClass === undefined ? '' : ` on ${hardwareClass}`
  return `${timesText(speed)} times as fast as the version${place}, measured on ${device}`
}

export const timesText = (times: number): string => times.toFixed(2)

/** Such as `1.31 (1.28 to 1.34)`. */
export const ratioText = ({ low, middle, high }: Ratio): string =>
  `${timesText(middle)} (${timesText(low)} to ${timesText(high)})`

type PreferenceReasons = Readonly<Record<'behind' | 'slower' | 'none', string>>

const SLOWER = 'slower than the version, as far as the measurement can tell'

const byPreference: Readonly<Record<BuildPreference, PreferenceReasons>> = {
  best: {
    behind: 'another build is faster',
    slower: 'not faster than the version, as far as the measurement can tell',
    none: 'no build is faster there for certain',
  },
  smallest: {
    behind: 'another build is smaller',
    slower: SLOWER,
    none: 'no build is smaller and fast enough there',
  },
  'least-memory': {
    behind: 'another build takes less memory',
    slower: SLOWER,
    none: 'no build takes less memory and is fast enough there',
  },
  'most-accurate': {
    behind: 'the answers of another build are nearer to those of the version',
    slower: 'not faster than the version, as far as the measurement can tell',
    none: 'no build is faster there for certain',
  },
}

/** Why a candidate is the build of a class, or is not. */
export const reasonWords = (prefer: BuildPreference): Readonly<Record<ChoiceReason, string>> => ({
  best: 'devices of the class get it',
  behind: byPreference[prefer].behind,
  late: 'its p95 there is above the goal of the last optimisation',
  slower: byPreference[prefer].slower,
  larger: `it takes no less ${prefer === 'least-memory' ? 'memory ' : ''}than the version`,
  wrong: 'its answers differ on this hardware',
  failed: 'it could not be measured there',
  unmeasured: 'no device of the class has measured it',
})

/** A choice in one sentence. */
export function choiceWords(
  { hardwareClass, build, candidates, session }: ClassChoice,
  prefer: BuildPreference = BEST_BUILD,
): string {
  const best = candidates.find((candidate) => candidate.build === build)
  if (!best) return `${hardwareClass} gets the version itself: ${whyNone(candidates, prefer)}`
  const { recipe, speed, device } = best
  const named = { build: best.build, recipe, hardwareClass, device, ...(speed && { speed: speed.middle }) }
  const settings = session
    ? `, and ${timesText(session.speed.middle)} times with ${sessionText(session)}, which it serves with`
    : ''
  const kind = prefer === BEST_BUILD ? '' : `, ${preferenceWords[prefer]}`
  return `${hardwareClass} gets ${buildName(best)}${kind}: ${speedWords(named) ?? reasonWords(prefer).best}${settings}`
}

function whyNone(candidates: ClassChoice['candidates'], prefer: BuildPreference): string {
  if (candidates.length === 0) return 'the version has no build'
  return candidates.every(({ reason }) => reason === 'unmeasured')
    ? 'no device of the class has measured a build'
    : byPreference[prefer].none
}

export type FormFacts = {
  revision: number
  /** The build that the revision names for all devices. */
  named: BuildId | undefined
  /** The builds of the classes in the revision; undefined if the deployment does not ask for the best. */
  choices: readonly ClassBuild[] | undefined
  hardwareClass: string | undefined
  /** The build that the device gets. */
  build: NamedBuild | undefined
  /** The choice of now for the class; absent if the deployment does not ask for the best, or the class is unknown. */
  now: ClassChoice | undefined
  /** The preference of the deployment. */
  prefer?: BuildPreference | undefined
}

/** Why a device gets this form of the version; undefined if the deployment names no build. */
export function formWords(facts: FormFacts): string | undefined {
  const { revision, named, choices, hardwareClass, build, prefer = BEST_BUILD } = facts
  if (named !== undefined)
    return `revision ${revision} gives every device ${build ? buildName(build) : `build ${named}`}`
  if (!choices) return undefined
  if (hardwareClass === undefined)
    return 'it gets the version itself, because its agent does not report the class of its hardware'
  const outdated = outdatedWords(facts)
  const because = build ? speedWords(build) : undefined
  const kind = prefer === BEST_BUILD ? '' : ` as ${preferenceWords[prefer]}`
  const fixed = build
    ? `it gets ${buildName(build)}, which revision ${revision} fixes for ${hardwareClass}${kind}${because ? `: ${because}` : ''}`
    : `it gets the version itself: revision ${revision} fixes no build for ${hardwareClass}`
  return outdated === undefined ? fixed : `${fixed}; ${outdated}`
}

/** The difference between the revision and the choice of now for the class; undefined if there is none. */
function outdatedWords({ choices = [], now }: FormFacts): string | undefined {
  if (!isOutdated(choices, now)) return undefined
  const choice = now?.candidates.find((candidate) => candidate.build === now.build)
  return `newer measurements choose ${choice ? buildName(choice) : 'the version itself'}, once the deployment is applied again`
}

/** Whether the class would get another form if the deployment were applied again. */
export const isOutdated = (choices: readonly ClassBuild[], now: ClassChoice | undefined): boolean =>
  now !== undefined && buildFor(choices, now.hardwareClass) !== now.build

/** The command that applies the choices of now. A deployment keeps its preference, also if the command does not name it. */
export const bestCommand = (deployment: string, model: string, version: number, prefer?: BuildPreference): string =>
  `skerry deploy ${model}:${version}${deployment === model ? '' : ` --name ${deployment}`}${prefer ? ` --build ${prefer}` : ''}`

/**
 * The command that measures the builds on a device of the class; undefined if the class has a measurement, or no device.
 */
export function measureCommand({ example, candidates }: ClassChoice, model: string, version: number) {
  const isMeasured = candidates.some(({ reason }) => reason !== 'unmeasured')
  if (example === undefined || isMeasured || candidates.length === 0) return undefined
  return `skerry model bench ${model}:${version} --devices 'device.name == "${example}"'`
}
