/** A device that its hub has wiped: the real agent, stopped at bad moments. */
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { deep } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'
import { startAgent, temporaryFolder } from './stage/agent-process.ts'
import { startFakeHub } from './stage/fake-hub.ts'
import { timesFiles } from './stage/models.ts'

const NOTHING = ['lock.sqlite', 'wiped.json']

/** A device that serves a model. */
async function servingDevice() {
  const hub = await startFakeHub()
  const data = await temporaryFolder()
  const start = () => startAgent(data, '--join', hub.token)
  const agent = start()
  hub.desire(hub.publish({ version: 1, files: timesFiles(2) }))
  await hub.item('m', ({ state }) => state === 'active')
  return { hub, data, start, agent }
}

test('a wipe is reported, deletes everything, ends with success, and the agent does not join again by itself', async () => {
  const { hub, data, start, agent } = await servingDevice()
  await using _hub = hub
  await using _agent = agent
  const ended = once(agent.child, 'exit')
  hub.answers.wipe = true
  hub.disconnect()
  expect(await ended).toEqual([0, null])
  expect(hub.wipes).toBe(1)
  expect(await readdir(data)).toEqual(NOTHING)
  const { joins } = hub
  await using again = start()
  expect(await again.ended).toBe(2)
  expect(again.words()).toContain('wiped')
  expect(hub.joins).toBe(joins)
})

test.each([
  ['wipe_begun', 'before anything is deleted'],
  ['shutdown_started', 'while it puts its things away'],
])(
  'a wipe that is killed at %s, %s, continues at the next start',
  deep('kills at two places of a wipe that the test above goes through'),
  async (event) => {
    const { hub, data, start, agent } = await servingDevice()
    await using _hub = hub
    await using _agent = agent
    hub.answers.wipe = true
    hub.disconnect()
    await agent.logged(event)
    await agent.kill()
    await using again = start()
    expect(await once(again.child, 'exit')).toEqual([expect.any(Number), null])
    // After a kill behind the last file, there is nothing to continue. The agent reports that instead.
    expect(await readdir(data)).toEqual(NOTHING)
    expect(hub.wipes).toBeGreaterThan(0)
  },
)
