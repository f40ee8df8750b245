/**
 * Beginning: the settings with which the draft for a model starts: those of its deployment of the same name, or the
 * strategy of another deployment of the model. "skerry deploy" keeps the settings of an existing deployment, too.
 */
import type { Deployment } from '@skerry/contract/deployments/deployment'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { draftOf, nameOf, strategyDraft } from './draft.ts'
import { type Draft, PACE_FIELDS } from './draft-search.ts'

type Known = Pick<Deployment, 'name' | 'spec' | 'changedAtMs'>

const STRATEGY_FIELDS = ['waves', ...PACE_FIELDS, 'onFailure', 'offline', 'lateJoiners'] as const
const SETTINGS = ['to', 'place', ...STRATEGY_FIELDS, 'serving', 'probation', 'config', 'configAt'] as const

/** Restores the default of every setting. */
export const NO_SETTINGS: Partial<Draft> = Object.fromEntries(SETTINGS.map((key) => [key, undefined]))

/** The fields to fill in. Undefined if the model has no deployment, or if the person has gone further already. */
export function beginningOf(draft: Draft, deployments: readonly Known[]): Partial<Draft> | undefined {
  const { step, from, base, model } = draft
  if (step !== undefined || from !== undefined || base !== undefined || model === undefined) return undefined
  if (SETTINGS.some((key) => draft[key] !== undefined)) return undefined
  const source = sourceOf(draft, deployments)
  if (!source) return undefined
  // The draft keeps its version. A build belongs to one version.
  const { name: _name, model: _model, version: _version, build: _build, ...settings } = draftOf(source.spec)
  return source.name === nameOf(draft) ? settings : strategyDraft(source.spec.strategy)
}

/** The deployment from which the draft has its settings, or only its strategy, as long as nobody has changed them. */
export function begunFrom<Each extends Known>(draft: Draft, deployments: readonly Each[]): Each | undefined {
  const source = sourceOf(draft, deployments)
  if (!source) return undefined
  const before = draftOf(source.spec)
  const keys = source.name === nameOf(draft) ? SETTINGS : STRATEGY_FIELDS
  const textOf = (one: Draft) => canonicalJson(keys.map((key) => one[key] ?? null))
  return textOf(before) === textOf(draft) ? source : undefined
}

/** The deployment of the draft's name if it has the same model; else the model's deployment that changed last. */
function sourceOf<Each extends Known>(draft: Draft, deployments: readonly Each[]): Each | undefined {
  const same = deployments.filter(({ spec }) => spec.deployable === draft.model)
  const [newest] = [...same].sort((a, b) => b.changedAtMs - a.changedAtMs)
  return same.find(({ name }) => name === nameOf(draft)) ?? newest
}
