import { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import { Scaling } from '@skerry/contract/scaling/scaling'
import type { ScheduleProposal } from '@skerry/contract/scaling/schedule-proposal'
import { Digest } from '@skerry/contract/values/digest'
import { expect, test } from 'vitest'
import { acceptSchedule, type ScheduleOrder } from './accept-schedule.ts'

const policy = Scaling.parse({ min: 1, max: 4, target: { metric: 'concurrency', value: 2 } })
const spec = DeploymentSpec.parse({
  name: 'anomaly',
  deployable: 'anomaly',
  version: '1',
  serving: { scaling: policy },
})
const schedule = [{ cron: '0 6 * * 1-5', timeZone: 'Europe/Berlin', durationSeconds: 3_600, min: 3 }]
const proposal = {
  deployment: 'anomaly',
  revision: 7,
  workers: { policy, schedule, windows: [] },
} as unknown as ScheduleProposal
const digest = Digest.parse(`sha256:${'a'.repeat(64)}`)

function hub(agree?: () => Promise<unknown>) {
  const planned: DeploymentSpec[] = []
  const applied: ScheduleOrder[] = []
  const deps = {
    get: async () => ({ spec }),
    plan: async (wanted: DeploymentSpec) => {
      planned.push(wanted)
      return { leaves: { digest } }
    },
    apply: async (order: ScheduleOrder) => applied.push(order),
    ...(agree && { agree }),
  }
  return { deps, planned, applied }
}

test('an accepted schedule is applied as it was planned, and only on the revision of the proposal', async () => {
  const { deps, planned, applied } = hub()
  await acceptSchedule(proposal, deps)
  expect(planned[0]?.serving.scaling?.schedule).toEqual(schedule)
  expect(applied).toEqual([{ ...planned[0], ifRevision: 7, acknowledgedLeaves: digest }])
})

test('nothing is applied if the person does not agree', async () => {
  const { deps, planned, applied } = hub(async () => {
    throw new Error('no')
  })
  await expect(acceptSchedule(proposal, deps)).rejects.toThrow('no')
  expect([planned.length, applied]).toEqual([1, []])
})
