/** Pushes at the same time: of the same bytes, and of organisations that share the hub's queue. */
import { readFile } from 'node:fs/promises'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { otherOrganisation } from '../stage/other-organisation.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { modelBytes, push, unary, upload } from '../stage/test-model.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub[Symbol.asyncDispose]())

test('two pushes of the same bytes at once make one version', async () => {
  const bytes = modelBytes(unary('Softsign'))
  await upload(hub, bytes)
  const answers = await Promise.all([push(hub, 'twice', bytes), push(hub, 'twice', bytes), push(hub, 'twice', bytes)])
  expect(answers.map(({ body }) => body.version.version)).toEqual([1, 1, 1])
  expect(answers.filter(({ body }) => body.created)).toHaveLength(1)
})

test('while a push takes its time, one of another organisation goes through, and each fills only its own share', async () => {
  // It counts to 2^40, longer than a trial may take. It ends with the hub.
  const slow = await readFile(new URL('../../../../packages/inference/test-data/spin.onnx', import.meta.url))
  const steps = Buffer.from(new BigInt64Array([2n ** 40n]).buffer).toString('base64')
  const golden = { cases: [{ inputs: { steps: { datatype: 'INT64', shape: [1], data: steps } } }] }
  push(hub, 'slow', slow, { golden }).catch(() => undefined)
  await until(() => hub.hub.pushQueue.load().open === 1)
  const key = await otherOrganisation(hub, 'neighbour')
  const other = await push(hub, 'quick', modelBytes(unary('Relu')), { key })
  expect(other.status, other.text).toBe(200)
  expect(hub.hub.pushQueue.load().open).toBe(1)

  const { id } = await hub.hub.store.db
    .selectFrom('organisations')
    .select('id')
    .where('name', '=', 'default')
    .executeTakeFirstOrThrow()
  const ending = new AbortController()
  const fill = () => hub.hub.pushQueue.run(id, () => new Promise<void>(() => undefined), ending.signal)
  for (let added = fill(); added.ok; added = fill()) added.value.catch(() => undefined)
  const refused = await push(hub, 'late', modelBytes(unary('Sigmoid')))
  expect(refused.body).toMatchObject({ code: 'push_queue_full', message: expect.stringContaining('this organisation') })
  expect(refused.headers['retry-after']).toBe('30')
  expect((await push(hub, 'still-quick', modelBytes(unary('Relu')), { key })).status).toBe(200)
  ending.abort()
})
