import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Digest } from '@skerry/contract/values/digest'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { failingFileSystem } from '@skerry/testkit/faults/failing-file-system'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub } from '../stage/running-hub.ts'
import { goldenOf, modelBytes, push, unary } from '../stage/test-model.ts'

let data: string
let ownerKey: string
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'skerry-hub-full-'))
  await using hub = await startTestHub({ data })
  ownerKey = hub.ownerKey
})
afterAll(() => rm(data, { recursive: true, force: true }))

/** Far more than an upload and a push take; a loop that does not end is a bug of the test. */
const CHANGES_MAX = 200

test(
  'whichever write finds the disk full, what was there stays, the refusal says so, and it works when there is room',
  deep('fails each write in turn; blobs.test.ts and http.test.ts show a full disk'),
  async () => {
    const operators = [
      'Relu',
      'Tanh',
      'Sigmoid',
      'Abs',
      'Neg',
      'Exp',
      'Softsign',
      'Softplus',
      'Sqrt',
      'Floor',
      'Ceil',
      'Sign',
      'Erf',
      'Cos',
      'Sin',
    ]
    let refusals = 0
    for (let failAt = 1; failAt < CHANGES_MAX; failAt++) {
      const failing = failingFileSystem(nodeFileSystem, { failAt, code: 'ENOSPC' })
      // Whatever start-up itself writes has its own tests: the disk fills while the hub runs.
      let isFull = false
      const fileSystem = new Proxy(nodeFileSystem, {
        get: (target, name) => Reflect.get(isFull ? failing.fileSystem : target, name),
      })
      const model = modelBytes(unary(operators[failAt % operators.length] ?? 'Relu'))
      const bytes = { golden: goldenOf(failAt) }
      {
        await using hub = await startTestHub({ data, ownerKey, fileSystem })
        const before = await versionsOf(hub)
        isFull = true
        const outcome = await push(hub, 'm', model, bytes).then(
          (answer) => answer,
          (error: Error) => ({ status: 0, body: { code: /"code":"([a-z_]+)"/.exec(error.message)?.[1] } }),
        )
        isFull = false
        if (outcome.status !== 200) {
          refusals += 1
          expect(outcome.body.code).toBe('storage_full')
          expect(await versionsOf(hub)).toEqual(before)
        }
      }
      await using again = await startTestHub({ data, ownerKey })
      const retried = await push(again, 'm', model, bytes)
      expect(retried.status, retried.text).toBe(200)
      for (const { digest } of retried.body.version.files) {
        expect(await again.hub.blobs.verify(Digest.parse(digest), again.hub.signal)).toMatchObject({ ok: true })
      }
      if (!failing.hasFailed()) break
    }
    expect(refusals).toBeGreaterThan(5)
  },
)

async function versionsOf(hub: Awaited<ReturnType<typeof startTestHub>>): Promise<unknown> {
  return (await hub.ask('GET', '/v1/models/m')).body
}
