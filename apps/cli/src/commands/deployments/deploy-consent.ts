/** Deploy consent: what a person must have seen before a deployment changes: devices that lose the model, and a version that nobody wrote. */
import type { DeploymentPlan, DeploymentSpec } from '@skerry/contract/deployments/deployment'
import { leaveWords } from '@skerry/core/deployments/leave-words'

export type Wish = {
  spec: Pick<DeploymentSpec, 'model'>
  /** Whether the version was written; else the deployment keeps its own, which may be an alias that has moved. */
  isVersionWritten: boolean
}

/** The deeds that need a yes, as a phrase after `this would`; undefined where nothing does. */
export function consentWords(plan: DeploymentPlan, { spec, isVersionWritten }: Wish): string | undefined {
  const moved = isVersionWritten ? undefined : movedText(plan)
  const { leaves, waves } = plan
  const names = leaves.devices.map(({ name }) => name)
  const picked = waves.reduce((sum, { count }) => sum + count, 0)
  const deeds = [
    ...(moved === undefined ? [] : [`change the version of ${spec.model} (${moved})`]),
    ...(leaves.count > 0 ? [leaveWords({ count: leaves.count, names, model: spec.model, picked })] : []),
  ]
  return deeds.length === 0 ? undefined : deeds.join(', and ')
}

/** Such as `version 1 → 2`; undefined where the version stays, or where there is none yet. */
export const movedText = ({ version, versionNow }: Pick<DeploymentPlan, 'version' | 'versionNow'>) =>
  versionNow === undefined || versionNow === version ? undefined : `version ${versionNow} → ${version}`

/** A version that devices have refused, in one line; undefined where none has. */
export function refusedText({ cautions }: DeploymentPlan): string | undefined {
  const caution = cautions.find(({ code }) => code === 'version_refused')
  if (!caution) return undefined
  const names = caution.devices.slice(0, NAMES_SHOWN).map(({ name }) => name)
  return `${names.join(', ')}${caution.count > names.length ? ` and ${caution.count - names.length} more` : ''} ${caution.message}`
}

/** More names than a person reads in a line. */
const NAMES_SHOWN = 5
