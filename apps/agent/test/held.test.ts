/** A device and a hub of different ages: a held document that only one of them knows is skipped and reported, and all else goes on. */
import { until } from '@skerry/testkit/until'
import { expect, test } from 'vitest'
import { startAgent, temporaryFolder } from './stage/agent-process.ts'
import { type FakeHub, startFakeHub } from './stage/fake-hub.ts'
import { timesFiles } from './stage/models.ts'

async function servesTwice(hub: FakeHub) {
  const item = (version: number) => hub.publish({ version, files: timesFiles(version) })
  for (const version of [1, 2]) {
    hub.desire(item(version))
    await hub.item('m', ({ serving }) => serving?.version === version)
    hub.disconnect()
  }
}

test('a hub that is newer than the agent: the device names the document that it cannot read, and serves', async () => {
  await using hub = await startFakeHub()
  hub.answers.strange = 'monitors'
  await using agent = startAgent(await temporaryFolder(), '--join', hub.token)
  await hub.reported('the unknown document', ({ conditions }) =>
    conditions.some(({ code, message }) => code === 'document_unreadable' && message.includes('"monitors"')),
  )
  await servesTwice(hub)
  expect(agent.lines.filter(({ event }) => event === 'document_skipped')).toMatchObject([{ held: 'monitors' }])
})

test('a hub that is older than the agent: the document that it does not know is logged once, and the device serves', async () => {
  await using hub = await startFakeHub()
  hub.answers.unknownDocument = 'connections'
  await using agent = startAgent(await temporaryFolder(), '--join', hub.token)
  await agent.logged('held_rejected')
  await servesTwice(hub)
  await until(() => hub.held.filter((name) => name === 'connections').length > 2)
  expect(agent.lines.filter(({ event }) => event === 'held_rejected')).toMatchObject([
    { held: 'connections', problem: 'unknown' },
  ])
  expect(agent.lines.filter(({ event }) => event === 'link_down').map(({ code }) => code)).not.toContain('link_failed')
})
