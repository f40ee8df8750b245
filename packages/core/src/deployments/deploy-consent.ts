/**
 * Deploy consent: the facts that a person must see before a deployment changes: devices that lose the model, and a
 * version that nobody named.
 */
import type { DeploymentPlan, DeploymentSpec } from '@skerry/contract/deployments/deployment'
import { leaveWords } from './leave-words.ts'

export type DeployWish = {
  spec: Pick<DeploymentSpec, 'deployable'>
  /**
   * Whether the person named the version. Otherwise the deployment keeps its own, which may be an alias that has moved.
   */
  isVersionWritten: boolean
}

/** The changes that need a confirmation, as a phrase after `this would`; undefined if there are none. */
export function consentWords(plan: DeploymentPlan, { spec, isVersionWritten }: DeployWish): string | undefined {
  const moved = isVersionWritten ? undefined : movedText(plan)
  const { leaves, waves } = plan
  const names = leaves.devices.map(({ name }) => name)
  const picked = waves.reduce((sum, { count }) => sum + count, 0)
  const deeds = [
    ...(moved === undefined ? [] : [`change the version of ${spec.deployable} (${moved})`]),
    ...(leaves.count > 0 ? [leaveWords({ count: leaves.count, names, deployable: spec.deployable, picked })] : []),
  ]
  return deeds.length === 0 ? undefined : deeds.join(', and ')
}

/** Such as `version 1 → 2`; undefined if the version stays, or if there is none yet. */
export const movedText = ({ version, versionNow }: Pick<DeploymentPlan, 'version' | 'versionNow'>) =>
  versionNow === undefined || versionNow === version ? undefined : `version ${versionNow} → ${version}`

/** Names in one line the devices that have rejected the version; undefined if there are none. */
export function refusedText({ cautions }: DeploymentPlan): string | undefined {
  const caution = cautions.find(({ code }) => code === 'version_refused')
  if (!caution) return undefined
  const names = caution.devices.slice(0, NAMES_SHOWN).map(({ name }) => name)
  return `${names.join(', ')}${caution.count > names.length ? ` and ${caution.count - names.length} more` : ''} ${caution.message}`
}

/** More names than a person reads in a line. */
const NAMES_SHOWN = 5
