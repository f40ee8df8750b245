import type { ItemReport } from '@skerry/contract/devices/item'
import { deep } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'
import { startAgent, temporaryFolder } from './stage/agent-process.ts'
import { startFakeHub } from './stage/fake-hub.ts'
import { watchFiles } from './stage/flow-files.ts'
import { timesFiles } from './stage/models.ts'

const PRESS = {
  name: 'press',
  protocol: 'simulator',
  groups: [{ name: 'process', everyMs: 1_000, tags: [{ name: 'pressure', signal: { kind: 'constant', value: 3 } }] }],
}

const isActive = (version: number) => (item: ItemReport) => item.state === 'active' && item.serving?.version === version

test('a flow waits for its model, is tried with it, and starts; a version with other answers never starts', async () => {
  await using hub = await startFakeHub()
  hub.answers.source = PRESS
  await using agent = startAgent(await temporaryFolder(), '--join', hub.token)
  await agent.rest()
  const flow = hub.publish({ model: 'watch', version: 1, files: watchFiles() })
  hub.desire(flow)
  const waiting = await hub.item('watch', ({ cause }) => cause?.code === 'flow_waits')
  expect(waiting).toMatchObject({ state: 'loading', cause: { message: expect.stringContaining('model m') } })
  const model = hub.publish({ version: 1, files: timesFiles(2) })
  hub.desire(flow, model)
  expect(await hub.item('watch', isActive(1))).not.toHaveProperty('cause')
  const wrong = hub.publish({ model: 'watch', version: 2, files: watchFiles({ factor: 5, description: 'other' }) })
  hub.desire(wrong, model)
  expect(await hub.item('watch', ({ state }) => state === 'failed')).toMatchObject({
    serving: { version: 1 },
    cause: {
      code: 'golden_mismatch',
      message: 'sink scores, output 1: the flow gave 6, good, expected 15, good',
    },
  })
  const right = hub.publish({ model: 'watch', version: 3, files: watchFiles({ description: 'another' }) })
  hub.desire(right, model)
  await hub.item('watch', isActive(3))
  hub.desire(flow, model)
  await hub.item('watch', isActive(1))
  hub.desire(model)
  await hub.reported('a device without a flow', ({ items }) => items.every(({ name }) => name !== 'watch'))
})

test(
  'a flow comes back after its runner was killed, and after a start without a hub',
  deep('a second journey with a kill; apps/cli/test/equipment/flows-on-devices kills the runner, too'),
  async () => {
    const data = await temporaryFolder()
    const hub = await startFakeHub()
    hub.answers.source = PRESS
    const agent = startAgent(data, '--join', hub.token)
    const { runnerPid } = await agent.logged('runner_ready')
    const model = hub.publish({ version: 1, files: timesFiles(2) })
    hub.desire(hub.publish({ model: 'watch', version: 1, files: watchFiles() }), model)
    await hub.item('watch', isActive(1))
    const seen = hub.reports.length
    process.kill(Number(runnerPid), 'SIGKILL')
    await agent.logged('runner_ready', (line) => line.runnerPid !== runnerPid)
    await hub.reported('both back', ({ items }) => hub.reports.length > seen && items.every(isActive(1)))
    await agent.kill()
    await hub[Symbol.asyncDispose]()
    await using alone = startAgent(data)
    const back = (model: string) => alone.logged('step_done', (line) => line.step === 'load' && line.name === model)
    await Promise.all([back('m'), back('watch')])
    const order = alone.lines
      .filter(({ event, step }) => event === 'step_done' && step === 'load')
      .map((line) => line.name)
    expect(order).toEqual(['m', 'watch'])
  },
)

test('a flow that needs a newer agent is rejected with a message', async () => {
  await using hub = await startFakeHub()
  await using agent = startAgent(await temporaryFolder(), '--join', hub.token)
  await agent.rest()
  const files = watchFiles({ steps: [{ name: 'score', kind: 'of-tomorrow', from: 'pressure' }] })
  hub.desire(hub.publish({ model: 'watch', version: 1, files }))
  const failed = await hub.item('watch', ({ state }) => state === 'failed')
  expect(failed.cause).toMatchObject({ code: 'flow_unreadable', message: expect.stringContaining('steps.0') })
})
