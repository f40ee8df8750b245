import { expect, test } from 'vitest'
import { startAgent, temporaryFolder } from './stage/agent-process.ts'
import { startFakeHub } from './stage/fake-hub.ts'
import { infer, timesFiles } from './stage/models.ts'

test('joins, fetches, verifies, checks and serves a version, and says so', async () => {
  await using hub = await startFakeHub()
  await using agent = startAgent(await temporaryFolder(), '--join', hub.token)
  const rest = await agent.rest()
  await hub.reported('the first report', ({ observedGeneration }) => observedGeneration === 0)
  expect(await infer(rest)).toMatchObject({ status: 404 })
  const document = hub.desire(hub.publish({ version: 1, files: timesFiles(2) }))
  const item = await hub.item('m', ({ state }) => state === 'active')
  expect(item).toMatchObject({ target: { version: 1, retryToken: 0 }, serving: { version: 1 } })
  expect(await infer(rest)).toEqual({ status: 200, version: '1', value: 2 })
  const report = await hub.reported('the good generation', ({ lastGoodGeneration }) => lastGoodGeneration === 1)
  expect(report).toMatchObject({
    observedGeneration: 1,
    observedDigest: document.digest,
    endpoints: { rest },
    conditions: [],
  })
})
