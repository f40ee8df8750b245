/** Operator: the person who steers the simulated hub, by the same changes of its store that the API makes. */
import { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import type { RolloutEvent } from '@skerry/core/rollouts/rollout'
import { applyDeployment } from '@skerry/hub/deployments/apply-deployment'
import { findDeployment } from '@skerry/hub/deployments/deployment-store'
import { removeDeployment } from '@skerry/hub/deployments/remove-deployment'
import { deleteDevice, findDevice, findDeviceById, resumeDevice, setLabels } from '@skerry/hub/devices/device-store'
import { raiseRetryToken } from '@skerry/hub/devices/retry-store'
import type { Identifiers } from '@skerry/hub/identity/identifiers'
import { publishRollouts } from '@skerry/hub/rollouts/publish-rollouts'
import { sendEvents } from '@skerry/hub/rollouts/rollout-step'
import { findRollout } from '@skerry/hub/rollouts/rollout-store'
import type { HubLife } from '../../apps/hub/test/stage/hub-life.ts'
import { operateBatches } from './operator-batches.ts'

export type OperatorDeps = { life: HubLife; ids: Identifiers; organisationId: OrganisationId }

export type Wish = Extract<RolloutEvent, { reason: string }>['kind']

export type Operator = ReturnType<typeof operate>

/** Whoever asks waits for as long as the hub lives: a dying one answers nothing. */
export function operate({ life, ids, organisationId }: OperatorDeps) {
  const { store, bus, clock } = life.hub
  return {
    ...operateBatches({ life, ids, organisationId }),
    async apply(spec: object): Promise<void> {
      const parsed = DeploymentSpec.parse(spec)
      const applied = await store.transaction((tx) =>
        applyDeployment(tx, { ids }, { organisationId, nowMs: clock.nowMs(), spec: parsed, ifRevision: undefined }),
      )
      publishRollouts(life.hub, applied.rolloutIds)
    },
    /** A wish that does not fit the rollout is refused, and changes nothing. */
    async steer(name: string, kind: Wish): Promise<void> {
      const rolloutId = await store.transaction(async (tx) => {
        const deployment = await findDeployment(tx, organisationId, name)
        const rollout = deployment && (await findRollout(tx, { organisationId, rolloutId: deployment.rolloutId }))
        if (rollout) await sendEvents(tx, rollout, [{ kind, reason: 'simulated' }], clock.nowMs())
        return rollout?.id
      })
      if (rolloutId) publishRollouts(life.hub, [rolloutId])
    },
    async removeDeployment(name: string): Promise<void> {
      const removed = await store.transaction(async (tx) => {
        const deployment = await findDeployment(tx, organisationId, name)
        return deployment && removeDeployment(tx, deployment, clock.nowMs())
      })
      publishRollouts(life.hub, removed?.rolloutIds ?? [])
    },
    async removeDevice(id: DeviceId): Promise<void> {
      await store.transaction((tx) => deleteDevice(tx, id))
      bus.publish('device.changed', id)
    },
    async relabel(id: DeviceId, labels: Record<string, string>): Promise<void> {
      await store.transaction(async (tx) => {
        const device = await findDeviceById(tx, id)
        if (device) await setLabels(tx, device, labels)
      })
      bus.publish('device.changed', id)
    },
    async retryDevice(id: DeviceId, name: string): Promise<void> {
      await store.transaction(async (tx) => {
        const device = await findDeviceById(tx, id)
        const deployment = await findDeployment(tx, organisationId, name)
        if (device && deployment) await raiseRetryToken(tx, device, deployment.id)
      })
      bus.publish('device.retried', id)
    },
    /** Lets a device go on that follows an intent which the hub has forgotten. */
    async resumeDevice(id: DeviceId): Promise<void> {
      await store.transaction(async (tx) => {
        const row = await findDevice(tx, organisationId, id)
        if (row?.status === 'conflict-paused') await resumeDevice(tx, row)
      })
      bus.publish('device.changed', id)
    },
  }
}
