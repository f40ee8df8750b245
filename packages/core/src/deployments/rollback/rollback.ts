/**
 * Rollback: the earlier revision that a deployment returns to, and the new revision that does it.
 *
 * The earlier revision decides what runs and where: version, serving, selector and probation. The revision in force
 * decides how devices are updated: windows, locks, late joiners and offline devices. Its waves, rate and budget stay in
 * the spec for the next version, and the rollout of the rollback ignores them: it has one wave. A shadow stage and a
 * switch would hold the earlier version back on each device, so the new revision has neither.
 */
import { BEST_BUILD, type BuildReference } from '@skerry/contract/builds/build'
import type { ClassBuild } from '@skerry/contract/builds/measurement'
import type { DeploymentPlan, DeploymentSpec, Strategy } from '@skerry/contract/deployments/deployment'
import type { DroppedPart } from '@skerry/contract/deployments/rollback'
import type { RolloutStatus } from '@skerry/contract/rollouts/rollout'
import type { BuildId } from '@skerry/contract/values/ids'
import { preferenceOf } from '../../builds/preference.ts'
import { planRollout, type RolloutPlan } from '../../rollouts/waves.ts'
import { canonicalJson } from '../../values/canonical-json.ts'
import { presetStrategy } from '../strategy-presets.ts'

export type KnownRevision = {
  revision: number
  spec: DeploymentSpec
  version: number
  /** The build that its devices got; undefined if they got the version itself. */
  buildId?: BuildId | undefined
  /** The builds of the classes of hardware, if it asked for the best; undefined otherwise. */
  choices?: readonly ClassBuild[] | undefined
  /** Whether its rollout was done: it ran well on the devices of its time. */
  isDone: boolean
  /** How its rollout ended, and the number of devices that failed; undefined if that was long ago. */
  rollout?: { status: RolloutStatus; reason?: string | undefined; failed: number } | undefined
  /** The revision that it rolled the deployment back to, if it did. */
  rollbackTo?: number | undefined
}

export type RollbackTarget =
  | { ok: true; target: KnownRevision }
  | { ok: false; code: 'revision_unknown' | 'rollback_target_missing' | 'rollback_target_same'; message: string }

type Wish = {
  current: KnownRevision
  /** All revisions that the hub keeps, in any order. */
  known: readonly KnownRevision[]
  /** The revision that a person chose. */
  to: number | undefined
}

/**
 * The revision to return to. Without a choice, it is the newest earlier revision that was done and differs from the one
 * in force. After a rollback it is one from before the revision that the rollback returned to. So a repeated rollback
 * never restores a revision that somebody has just rolled back.
 */
export function rollbackTarget({ current, known, to }: Wish): RollbackTarget {
  const name = current.spec.name
  if (to !== undefined) return chosenTarget(current, known, to)
  const before = current.rollbackTo ?? current.revision
  const [target] = known
    .filter((one) => one.revision < before && one.isDone && !isSameRevision(one, current))
    .sort((a, b) => b.revision - a.revision)
  if (target) return { ok: true, target }
  const isFirst = known.every(({ revision }) => revision >= current.revision)
  if (isFirst) return missingTarget(`${name} has no earlier revision; ${anewWords(name)}`)
  const since = current.rollbackTo === undefined ? '' : `, which was a rollback to revision ${current.rollbackTo}`
  return missingTarget(
    `${name} has no revision before ${before} that was done and differs from revision ${current.revision}${since}; choose one yourself: "skerry deployment revisions ${name}" lists them`,
  )
}

const missingTarget = (message: string): RollbackTarget => ({ ok: false, code: 'rollback_target_missing', message })

const anewWords = (name: string) => `deploy another version, or remove it with "skerry deployment rm ${name}"`

function chosenTarget(current: KnownRevision, known: readonly KnownRevision[], to: number): RollbackTarget {
  const name = current.spec.name
  const target = known.find(({ revision }) => revision === to)
  if (!target) {
    const reason = to > current.revision ? `its newest is revision ${current.revision}` : 'the hub no longer keeps it'
    const message = `${name} has no revision ${to}: ${reason}; "skerry deployment revisions ${name}" lists them`
    return { ok: false, code: 'revision_unknown', message }
  }
  if (!isSameRevision(target, current)) return { ok: true, target }
  const reason = to === current.revision ? 'is in force' : `runs the same as revision ${current.revision}, in force`
  return {
    ok: false,
    code: 'rollback_target_same',
    message: `revision ${to} of ${name} ${reason}; "skerry deployment revisions ${name}" lists the others`,
  }
}

/** Whether both run the same version in the same way on the same devices. */
const isSameRevision = (a: KnownRevision, b: KnownRevision) => runText(a) === runText(b)

const runText = ({ version, buildId, choices, spec }: KnownRevision) => {
  const { deployable, selector, serving, probation, config = {}, configAt = [] } = spec
  return canonicalJson([
    version,
    buildId ?? null,
    choicesText(choices),
    deployable,
    selector,
    serving,
    probation,
    config,
    configAt,
  ])
}

/** A revision that gives no class a build runs as one that names none. */
const choicesText = (choices: readonly ClassBuild[] = []) =>
  choices.map(({ hardwareClass, build }) => `${hardwareClass} ${build}`).sort()

/**
 * The spec of the new revision. It names version and build exactly, because an alias or a recipe may have moved since.
 * If the earlier revision asked for the best builds, the new one keeps its preference and gets its choices, too.
 */
export function rollbackSpec(current: KnownRevision, target: KnownRevision): DeploymentSpec {
  const { shadow: _shadow, switchOver: _switchOver, ...strategy } = current.spec.strategy
  // The placement policy in force stays: rules of data and law are not rolled back with a version.
  const { placement } = current.spec
  const { build: _build, placement: _placement, ...spec } = target.spec
  const { version, buildId, choices } = target
  const build: BuildReference | undefined = choices ? (preferenceOf(target.spec.build) ?? BEST_BUILD) : buildId
  return { ...spec, version: String(version), ...(build && { build }), ...(placement && { placement }), strategy }
}

/** The parts of the strategy in force that the new revision does not have. */
export const droppedParts = ({ spec: { strategy } }: KnownRevision): DroppedPart[] =>
  (['shadow', 'switchOver'] as const).filter((part) => strategy[part] !== undefined)

/** The strategy by which its rollout goes out. Its waves, rate, budget and retries stay in the spec, without effect. */
export function rollbackStrategy({ lateJoiners, offline, window, ignoreLocks }: Strategy): Strategy {
  const kept = { ...(window && { window }), ...(ignoreLocks && { ignoreLocks }) }
  return { ...presetStrategy('all-at-once'), lateJoiners, offline, ...kept }
}

/** The plan of its rollout: all devices at once, each with the probation of the spec. */
export function rollbackPlan(strategy: Strategy, rollbackTo: number): RolloutPlan {
  return { ...planRollout(rollbackStrategy(strategy)), rollbackTo }
}

/** The plan of a rollback that changes no device: nothing is loaded or proved, so no wave needs any time. */
export const withoutTime = (plan: DeploymentPlan): DeploymentPlan => ({
  ...plan,
  minSeconds: 0,
  waves: plan.waves.map((wave) => ({ ...wave, minSeconds: 0 })),
})

/** The advice to a person who wants to roll back a rollout that has ended. */
export const endedRolloutAdvice = (status: string, deployment: string): string =>
  `the rollout is finished (${status}), so it cannot roll back; return its devices to an earlier revision with "skerry deployment rollback ${deployment}"`
