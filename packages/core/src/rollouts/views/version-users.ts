/** Version users: the deployments of a version of a model, and the devices on which each of them runs it. */
import type { Deployment } from '@skerry/contract/deployments/deployment'
import type { VersionCount } from '@skerry/contract/rollouts/version-counts'
import { isEnded } from '../rollout-state.ts'
import { rejectedVersion } from './rejected-version.ts'

type Facts = Pick<Deployment, 'version' | 'rolloutStatus' | 'wanted' | 'running'> & {
  spec: Pick<Deployment['spec'], 'deployable'>
}

/** The deployments that offer the version to a device, that run it, or that will offer it. */
export const deploymentsOfVersion = <Each extends Facts>(
  deployments: readonly Each[],
  of: { name: string; version: number },
): Each[] => deployments.filter((each) => each.spec.deployable === of.name && isUserOf(each, of.version))

/** The deployments whose newest revision names the version, although its rollout was undone and no device gets it. */
export const rejectionsOfVersion = <Each extends Parameters<typeof rejectedVersion>[0]>(
  deployments: readonly Each[],
  of: { name: string; version: number },
): Each[] =>
  deployments.filter(
    (each) => each.spec.deployable === of.name && each.version === of.version && rejectedVersion(each) !== undefined,
  )

/** After a rollback the newest revision names a version that no device gets. Old hubs send only that version. */
function isUserOf({ version, rolloutStatus, wanted, running }: Facts, asked: number): boolean {
  if (!wanted || !running) return version === asked
  const counts = [...wanted.versions, ...running.versions]
  if (counts.some((on) => on.version === asked && on.devices > 0)) return true
  const willOffer = rolloutStatus === 'done' || !isEnded({ status: rolloutStatus })
  return version === asked && willOffer
}

/**
 * The devices on which the version failed, if all devices of the deployment should run it. With several wanted versions
 * the counts do not say whose failures they are. 0 for an old hub.
 */
export function failedDevices({ wanted, running }: Pick<Deployment, 'wanted' | 'running'>, version: number): number {
  const asked = wanted?.versions.filter(({ devices }) => devices > 0) ?? []
  return asked.length === 1 && asked[0]?.version === version ? (running?.failed ?? 0) : 0
}

/** The devices of the deployment that run the version by their reports. Undefined for an old hub. */
export const runningDevices = ({ running }: Pick<Deployment, 'running'>, version: number): VersionCount | undefined =>
  running && (running.versions.find((on) => on.version === version) ?? { version, devices: 0 })
