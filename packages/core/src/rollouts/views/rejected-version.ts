/**
 * Rejected version: after a rollout that ended early, the spec of the deployment may name a version that no device is
 * offered. The console and the CLI then name the wanted version, and say what the spec still names.
 */
import type { Deployment } from '@skerry/contract/deployments/deployment'
import { formName } from '../../deployments/form-name.ts'

type Facts = Pick<Deployment, 'version' | 'revision' | 'stableRevision' | 'rolloutStatus' | 'wanted'> & {
  spec: Pick<Deployment['spec'], 'name' | 'deployable'>
}

export type RejectedVersion = {
  /** The wanted version in short, such as `press:1`. */
  wanted: string
  /** Its number, if all devices have the same one. */
  wantedVersion: number | undefined
  /** The version that the spec names, such as `press:2`. */
  named: string
  /** A sentence on the rejected version. */
  note: string
  /** The command that gives the deployment a spec that names the wanted version. */
  next: string
}

const ENDS = { aborted: 'aborted', 'rolled-back': 'rolled back' } as const

/** Undefined if some device is offered the version of the spec, or if an old hub does not send the wanted versions. */
export function rejectedVersion(deployment: Facts): RejectedVersion | undefined {
  const { spec, version, revision, stableRevision, rolloutStatus, wanted } = deployment
  if (rolloutStatus !== 'aborted' && rolloutStatus !== 'rolled-back') return undefined
  if (!wanted || wanted.versions.some((on) => on.version === version && on.devices > 0)) return undefined
  const { name, deployable } = spec
  const named = `${deployable}:${version}`
  const versions = wanted.versions.filter(({ devices }) => devices > 0)
  const short =
    versions.length === 0 ? `no ${deployable}` : `${deployable}:${versions.map((on) => on.version).join(',')}`
  return {
    wanted: short,
    wantedVersion: versions.length === 1 ? versions[0]?.version : undefined,
    named,
    note: `Revision ${revision} was ${ENDS[rolloutStatus]}. The spec still names ${named}, and no device is offered it.`,
    // Without a finished revision there is nothing to roll back to.
    next:
      stableRevision === undefined
        ? `skerry deploy ${deployable}:VERSION${nameOption(spec)}`
        : `skerry deployment rollback ${name} --to ${stableRevision}`,
  }
}

const nameOption = ({ name, deployable }: Facts['spec']) => (name === deployable ? '' : ` --name ${name}`)

type Formed = Facts & Pick<Deployment, 'recipe'> & { spec: Partial<Pick<Deployment['spec'], 'build'>> }

/** The wanted version of the deployment with its build; the one of the spec, unless no device is offered it. */
export const wantedName = (deployment: Formed): string =>
  rejectedVersion(deployment)?.wanted ?? revisionName(deployment)

/** The version of a revision, with the recipe of its build. */
export const revisionName = ({ spec: { deployable, build }, version, recipe }: RevisionForm): string =>
  formName({ deployable, version, recipe, build })

type RevisionForm = Pick<Deployment, 'version' | 'recipe'> & {
  spec: Pick<Deployment['spec'], 'deployable'> & Partial<Pick<Deployment['spec'], 'build'>>
}
