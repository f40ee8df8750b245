import { once } from 'node:events'
import { createServer } from 'node:net'
import { deep, rounds, strict } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'
import { startAgent, temporaryFolder } from './stage/agent-process.ts'
import { startFakeHub } from './stage/fake-hub.ts'
import { infer, timesFiles } from './stage/models.ts'

/** More stops than the interruptions after which a version is given up, in the deep tier. */
const STOPS = rounds({ quick: 1, deep: 4 })

test(
  'a version waits while its port is in use, through any number of clean stops, and serves once the port is free',
  strict('any number of clean stops is a law'),
  async () => {
    await using hub = await startFakeHub()
    const data = await temporaryFolder()
    const squatter = createServer().listen(0, '127.0.0.1')
    await once(squatter, 'listening')
    const address = squatter.address()
    if (typeof address !== 'object' || !address) throw new Error('no address')
    const listen = ['--listen', `127.0.0.1:${address.port}`]
    const first = startAgent(data, ...listen, '--join', hub.token)
    hub.desire(hub.publish({ version: 1, files: timesFiles(2), probation: { seconds: 1 } }))
    const waiting = await hub.item('m', ({ cause }) => cause?.code === 'port_in_use')
    expect(waiting.state).toBe('loading')
    await hub.reported('the condition', ({ conditions }) => conditions.some(({ code }) => code === 'port_in_use'))
    await first.kill('SIGTERM')
    await first.ended
    expect(first.words(), 'a stop while the port is taken is no crash').toBe('')
    for (let stop = 1; stop <= STOPS; stop++) {
      const agent = startAgent(data, ...listen)
      await agent.logged('agent_ready')
      await agent.kill('SIGTERM')
    }
    await using last = startAgent(data, ...listen)
    await last.logged('agent_ready')
    squatter.close()
    await hub.item('m', ({ state }) => state === 'active')
    expect(await infer(await last.rest())).toMatchObject({ status: 200, value: 2 })
    await hub.reported('no condition', ({ conditions }) => conditions.length === 0)
  },
)

test(
  'clean stops on probation do not count against a version',
  deep('six starts on probation: the test above stops it once'),
  async () => {
    await using hub = await startFakeHub()
    const data = await temporaryFolder()
    const first = startAgent(data, '--join', hub.token)
    hub.desire(hub.publish({ version: 1, files: timesFiles(2), probation: { seconds: 3_600 } }))
    await first.logged('step_done', ({ step }) => step === 'switch')
    await first.kill('SIGTERM')
    for (let stop = 2; stop <= 6; stop++) {
      const agent = startAgent(data)
      await agent.logged('step_done', ({ step }) => step === 'switch')
      await agent.kill('SIGTERM')
    }
    await using last = startAgent(data)
    await last.logged('step_done', ({ step }) => step === 'switch')
    await hub.item('m', ({ state, serving }) => state === 'probation' && serving?.version === 1)
  },
)
