import type { ItemReport } from '@skerry/contract/devices/item'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import { expect, test } from 'vitest'
import { startAgent, temporaryFolder } from './stage/agent-process.ts'
import { type FakeHub, startFakeHub } from './stage/fake-hub.ts'
import { timesFiles } from './stage/models.ts'

const isActive = (version: number) => (item: ItemReport) => item.state === 'active' && item.serving?.version === version

/** The next generation, with items that no agent of today can read. */
function offerItems(hub: FakeHub, generation: number, ...items: unknown[]): void {
  hub.offer({ v: 1, deviceId: hub.deviceId, generation, digest: digestOf(canonicalJson(items)), items })
}

test('an agent rejects an item of an unknown kind alone, and goes on with all others', async () => {
  await using hub = await startFakeHub()
  await using agent = startAgent(await temporaryFolder(), '--join', hub.token)
  await agent.rest()
  const good = hub.publish({ model: 'good', version: 1, files: timesFiles(2) })
  const kept = hub.publish({ model: 'kept', version: 1, files: timesFiles(3) })
  hub.desire(good, kept)
  await hub.item('good', isActive(1))
  await hub.item('kept', isActive(1))

  const next = hub.publish({ model: 'good', version: 2, files: timesFiles(4) })
  const ghost = { ...next, kind: 'hologram', name: 'ghost', spec: { colour: 'red' } }
  const newer = { ...kept, version: 2, revision: 2, locks: ['press'], must: ['locks'] }
  offerItems(hub, 2, { ...next, mood: 'good' }, newer, ghost)
  await hub.item('good', isActive(2))
  const report = await hub.reported('the rejected item', ({ items }) =>
    items.some(({ name, state }) => name === 'kept' && state === 'failed'),
  )
  expect(report.observedGeneration).toBe(2)
  expect(report.lastGoodGeneration).toBe(1)
  expect(report.items.find(({ name }) => name === 'kept')).toMatchObject({
    target: { version: 2 },
    cause: { code: 'item_unreadable', message: expect.stringContaining('does not know locks') },
    serving: { version: 1 },
  })
  expect(hub.unread).toContainEqual(
    expect.objectContaining({
      kind: 'hologram',
      name: 'ghost',
      state: 'failed',
      cause: { code: 'kind_unknown', message: expect.stringContaining('update the agent') },
    }),
  )

  hub.desire(next)
  await hub.reported('the others gone', ({ items }) => items.length === 1 && items.every(isActive(2)))
})
