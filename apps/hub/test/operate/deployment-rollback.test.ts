/** The return of a deployment to an earlier revision: its preview, its errors, and the guards that also hold for it. */
import type { Deployment } from '@skerry/contract/deployments/deployment'
import type { DeploymentRevision } from '@skerry/contract/deployments/deployment-revision'
import type { RollbackPlan } from '@skerry/contract/deployments/rollback'
import type { Rollout } from '@skerry/contract/rollouts/rollout'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { fromJson, toJson } from '../../src/store/json-column.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice } from '../stage/test-device.ts'
import { modelBytes, push, unary } from '../stage/test-model.ts'

let hub: TestHub

beforeAll(async () => {
  hub = await startTestHub()
  await joinDevice(hub, { name: 'press', site: 'oslo' })
  for (const operator of ['Relu', 'Abs', 'Sigmoid']) await push(hub, 'pump', modelBytes(unary(operator)))
  for (const operator of ['Relu', 'Abs']) await push(hub, 'valve', modelBytes(unary(operator)))
})
beforeEach(() => hub.ask('DELETE', '/v1/deployments/pumps'))
afterAll(() => hub[Symbol.asyncDispose]())

type Problem = { code: string; message: string }
type Rolled = { rollbackTo: number; deployment: Deployment }

const PATH = '/v1/deployments/pumps/rollback'

const apply = async (body: object) => {
  const answer = await hub.ask<{ deployment: Deployment }>('PUT', '/v1/deployments/pumps', {
    body: { deployable: 'pump', ...body },
  })
  expect(answer.status, answer.text).toBe(200)
  return answer.body.deployment
}

/** Ends its rollout as done, as the reports of its devices would. */
const finish = ({ id, rolloutId, revision }: Deployment) =>
  hub.hub.store.transaction(async (tx) => {
    const row = await tx.selectFrom('rollouts').select('state').where('id', '=', rolloutId).executeTakeFirstOrThrow()
    const state = toJson({ ...fromJson(row.state), status: 'done' as const })
    await tx.updateTable('rollouts').set({ status: 'done', state }).where('id', '=', rolloutId).execute()
    await tx.updateTable('deployments').set({ stable_revision: revision }).where('id', '=', id).execute()
  })

const applyDone = async (body: object) => finish(await apply(body))

const rollBack = (body: object = {}, key?: string) =>
  hub.ask<Rolled & Problem>('POST', PATH, { body, ...(key !== undefined && { key }) })

const preview = (query = '') => hub.ask<RollbackPlan & Problem>('GET', `${PATH}${query}`)

const newKey = async (body: object) => {
  const answer = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body })
  expect(answer.status, answer.text).toBe(200)
  return answer.body.secret
}

test('a rollback makes a revision of the earlier version, and its preview changes nothing', async () => {
  const probation = { seconds: 3 }
  await applyDone({ version: '1', probation, serving: { instances: 2 } })
  const strategy = { waves: [{ name: 'canary', limit: 1 }], shadow: {} }
  await applyDone({ version: 'latest', strategy })
  const plan = await preview()
  expect(plan.status, plan.text).toBe(200)
  expect(plan.body).toMatchObject({
    from: { revision: 2, deployable: 'pump', version: 3 },
    to: { revision: 1, deployable: 'pump', version: 1 },
    dropped: ['shadow'],
    moves: [{ count: 1, devices: [{ name: 'press', site: 'oslo' }] }],
    settled: 0,
    plan: { change: 'update', version: 1, versionNow: 3, waves: [{ name: 'all', count: 1 }] },
  })
  expect((await hub.ask<Deployment>('GET', '/v1/deployments/pumps')).body.revision).toBe(2)

  const answer = await rollBack({ ifRevision: 2 })
  expect(answer.status, answer.text).toBe(200)
  expect(answer.body).toMatchObject({
    rollbackTo: 1,
    deployment: {
      revision: 3,
      rollbackTo: 1,
      version: 1,
      spec: { version: '1', probation, serving: { instances: 2 }, strategy: { waves: [{ name: 'canary' }] } },
    },
  })
  expect(answer.body.deployment.spec.strategy.shadow).toBeUndefined()
  const rollout = await hub.ask('GET', `/v1/rollouts/${answer.body.deployment.rolloutId}`)
  expect(rollout.body).toMatchObject({ rollbackTo: 1, waves: [{ name: 'all' }], version: 1 })
  const { body } = await hub.ask<{ rows: DeploymentRevision[] }>('GET', '/v1/deployments/pumps/revisions')
  expect(body.rows.map(({ revision, rollbackTo, appliedBy }) => ({ revision, rollbackTo, appliedBy }))).toEqual([
    { revision: 3, rollbackTo: 1, appliedBy: 'owner' },
    { revision: 2, appliedBy: 'owner' },
    { revision: 1, appliedBy: 'owner' },
  ])
  const audit = await hub.ask<{ rows: object[] }>('GET', '/v1/audit?action=deployment.rollback')
  expect(audit.body.rows).toMatchObject([
    { object: { id: 'pumps' }, result: 'ok', detail: { rollbackTo: 1, revision: 3, version: 1, change: 'updated' } },
  ])
  const events = await hub.ask('GET', `/v1/rollouts/${answer.body.deployment.rolloutId}/events`)
  expect(events.body).toMatchObject({ rows: [{ kind: 'began', actor: { name: 'owner' } }] })
})

test('a rollback that changes no device takes no time', async () => {
  const selector = 'device.name == "nobody"'
  await applyDone({ version: '1', selector })
  await applyDone({ version: '2', selector })
  expect((await preview()).body).toMatchObject({
    moves: [],
    plan: { minSeconds: 0, waves: [{ name: 'all', count: 0, minSeconds: 0 }] },
  })
})

test('a rollback of a rollout that is under way replaces it', async () => {
  await applyDone({ version: '1' })
  const { rolloutId } = await apply({ version: '2' })
  expect((await rollBack()).body).toMatchObject({ rollbackTo: 1, deployment: { version: 1 } })
  expect((await hub.ask('GET', `/v1/rollouts/${rolloutId}`)).body).toMatchObject({ status: 'superseded' })
})

test('a repeated rollback never restores the version that was rolled back', async () => {
  await applyDone({ version: '1' })
  await applyDone({ version: '2' })
  const { body } = await rollBack()
  await finish(body.deployment)
  expect(await rollBack()).toMatchObject({ status: 409, body: { code: 'rollback_target_missing' } })
  expect((await rollBack({ to: 2 })).body, 'a person may choose it').toMatchObject({ deployment: { version: 2 } })
})

test('the preview of a rejected revision warns, and names the present state', async () => {
  await applyDone({ version: '1' })
  await applyDone({ version: '2' })
  expect((await preview()).body.caution).toBeUndefined()
  const { rolloutId } = await apply({ version: '3' })
  const undone = await hub.ask('POST', `/v1/rollouts/${rolloutId}/rollback`, { body: { reason: 'too loud' } })
  expect(undone.status, undone.text).toBe(200)
  await finish((await rollBack({ to: 1 })).body.deployment)
  const now = { wanted: { versions: [{ version: 1, devices: 1 }] }, running: { failed: 0 } }
  const rejected = await preview('?to=3')
  expect(rejected.body).toMatchObject({ caution: { outcome: 'rolled-back', reason: 'too loud' }, forwardFrom: 1, now })
  const replaced = await preview('?to=2')
  expect(replaced.body).toMatchObject({ caution: { outcome: 'rolled-back', by: 4 }, forwardFrom: 1, now })
})

test('a rollback without a target, or with a wrong one, is rejected by a code', async () => {
  expect((await hub.ask<Problem>('POST', '/v1/deployments/nobody/rollback', { body: {} })).body.code).toBe(
    'deployment_unknown',
  )
  await applyDone({ version: '1' })
  for (const answer of [await rollBack(), await preview()]) {
    expect(answer).toMatchObject({ status: 409, body: { code: 'rollback_target_missing' } })
  }
  await applyDone({ version: '2' })
  for (const answer of [await rollBack({ to: 9 }), await preview('?to=9')]) {
    expect(answer).toMatchObject({ status: 404, body: { code: 'revision_unknown' } })
    expect(answer.body.message).toContain('its newest is revision 2')
  }
  expect(await rollBack({ to: 2 })).toMatchObject({ status: 409, body: { code: 'rollback_target_same' } })
  expect(await rollBack({ ifRevision: 1 })).toMatchObject({ status: 412, body: { code: 'revision_stale' } })
})

test('a revision that the hub has forgotten is rejected', async () => {
  for (let index = 0; index < 12; index++) await apply({ version: index % 2 === 0 ? '1' : '2' })
  const answer = await rollBack({ to: 1 })
  expect(answer).toMatchObject({ status: 404, body: { code: 'revision_unknown' } })
  expect(answer.body.message).toContain('the hub no longer keeps it')
})

test('a rollback to a version that was removed names the revision', async () => {
  await applyDone({ deployable: 'valve', version: '1' })
  await applyDone({ deployable: 'valve', version: '2' })
  await hub.hub.store.transaction(async (tx) => {
    await tx.deleteFrom('versions').where('name', '=', 'valve').where('version', '=', 1).execute()
  })
  for (const answer of [await rollBack(), await preview()]) {
    expect(answer).toMatchObject({ status: 404, body: { code: 'version_unknown' } })
    expect(answer.body.message).toContain('revision 1 of pumps runs valve:1, which was removed')
  }
})

test('a rollback that takes the model from devices needs their digest', async () => {
  await applyDone({ version: '1', selector: 'device.name == "other"' })
  await applyDone({ version: '2', selector: 'device.name == "press"' })
  const { body } = await preview()
  expect(body.plan.leaves).toMatchObject({ count: 1, devices: [{ name: 'press' }] })
  expect(await rollBack()).toMatchObject({ status: 409, body: { code: 'leaves_unacknowledged' } })
  expect(await rollBack({ acknowledgedLeaves: body.plan.leaves.digest })).toMatchObject({ status: 200 })
})

test('a role with a scope cannot roll back to a revision that reaches beyond it', async () => {
  const scope = 'site.name == "oslo"'
  await hub.ask('POST', '/v1/roles', {
    body: { name: 'oslo-hand', permissions: ['deployment.read', 'deployment.write'], scope },
  })
  const key = await newKey({ name: 'hand', role: 'oslo-hand' })
  await applyDone({ version: '1' })
  await applyDone({ version: '2', selector: scope })
  await applyDone({ version: '3', selector: scope })
  expect(await rollBack({ to: 1 }, key)).toMatchObject({ status: 403, body: { code: 'scope_exceeded' } })
  expect(await rollBack({}, key)).toMatchObject({ status: 200, body: { rollbackTo: 2 } })
})

test('a viewer sees the preview, and cannot roll back', async () => {
  await applyDone({ version: '1' })
  await applyDone({ version: '2' })
  const key = await newKey({ name: 'looker', role: 'viewer' })
  expect((await hub.ask('GET', PATH, { key })).status).toBe(200)
  expect(await rollBack({}, key)).toMatchObject({ status: 403, body: { code: 'permission_denied' } })
})

test('under the rule of two people, a rollback on a device of production waits for the second', async () => {
  await applyDone({ version: '1' })
  await applyDone({ version: '2' })
  await hub.ask('PUT', '/v1/approval-rules', { body: { deployments: 'device.name == "press"' } })
  const held = await rollBack({ to: 1, ifRevision: 2 })
  expect(held).toMatchObject({ status: 409, body: { code: 'approval_needed' } })
  expect((await hub.ask<Deployment>('GET', '/v1/deployments/pumps')).body.revision).toBe(2)
  const { body } = await hub.ask<{ rows: object[] }>('GET', '/v1/approvals?status=pending')
  expect(body.rows).toMatchObject([{ action: 'deployment.rollback', object: 'pumps', input: { to: 1 } }])
  await hub.ask('PUT', '/v1/approval-rules', { body: {} })
})

test('the rollouts in a list name their own failed devices', async () => {
  const { rolloutId } = await apply({ version: '1' })
  await hub.hub.store.transaction(async (tx) => {
    const row = await tx.selectFrom('rollouts').select('state').where('id', '=', rolloutId).executeTakeFirstOrThrow()
    const state = fromJson(row.state)
    const [wave] = state.waves
    if (!wave) throw new Error('the rollout has no wave')
    const waves = [{ ...wave, counts: { ...wave.counts, offered: 0, failed: 1 } }]
    const cause = toJson({ code: 'golden_mismatch', message: 'y differs' })
    await tx
      .updateTable('rollouts')
      .set({ state: toJson({ ...state, waves }) })
      .where('id', '=', rolloutId)
      .execute()
    await tx
      .updateTable('rollout_members')
      .set({ outcome: 'failed', cause })
      .where('rollout_id', '=', rolloutId)
      .execute()
  })
  await hub.ask('PUT', '/v1/deployments/valves', { body: { deployable: 'valve', version: '2' } })
  const { body } = await hub.ask<{ rows: Rollout[] }>('GET', '/v1/rollouts')
  const failures = new Map(body.rows.map((rollout) => [rollout.deployment, rollout.failures]))
  expect([failures.get('pumps'), failures.get('valves')]).toEqual([
    [{ device: 'press', outcome: 'failed', wave: 0, code: 'golden_mismatch', message: 'y differs' }],
    undefined,
  ])
  await hub.ask('DELETE', '/v1/deployments/valves')
})

test('a finished rollout rejects its rollback, and names the command for the deployment', async () => {
  await applyDone({ version: '1' })
  const { rolloutId } = await apply({ version: '2' })
  await hub.ask('POST', `/v1/rollouts/${rolloutId}/abort`, { body: { reason: 'bad' } })
  const answer = await hub.ask<Problem>('POST', `/v1/rollouts/${rolloutId}/rollback`, { body: { reason: 'bad' } })
  expect(answer).toMatchObject({ status: 409, body: { code: 'rollout_event_refused' } })
  expect(answer.body.message).toContain('the rollout is finished (aborted)')
  expect(answer.body.message).toContain('"skerry deployment rollback pumps"')
})
