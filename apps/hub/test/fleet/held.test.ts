/**
 * Devices that are older or newer than the hub: a held document that only one side knows is skipped and reported, and
 * all others continue.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice, listenHeld, openLink, reportOf } from '../stage/test-device.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub[Symbol.asyncDispose]())

const events = (name: string) => hub.log.filter((line) => line.held === name).map(({ event }) => event)

test('a document that the hub does not know or cannot read is logged once and ends no link', async () => {
  const device = await joinDevice(hub)
  for (const times of [1, 2]) {
    using link = await openLink(hub, device)
    await link.client.report(reportOf())
    const stream = await listenHeld(link.client, 'trust', {})
    expect(await link.client.held({ name: 'newspapers', held: { v: times } }), `connection ${times}`).toEqual({
      problem: 'unknown',
    })
    expect(await link.client.held({ name: 'secrets', held: { revision: 7 } })).toEqual({ problem: 'unreadable' })
    expect(await stream.next()).toMatchObject({ done: false })
    await link.client.report(reportOf())
    link[Symbol.dispose]()
    await link.closed
  }
  expect(events('newspapers')).toEqual(['held_unknown'])
  expect(events('secrets').filter((event) => event === 'held_unreadable')).toEqual(['held_unreadable'])
})

test('a device that does not follow a document of the hub gets the others, and the hub logs the name once', async () => {
  const device = await joinDevice(hub, { name: 'older' })
  using link = await openLink(hub, device)
  await link.client.report(reportOf())
  const stream = await listenHeld(link.client, 'trust', {})
  expect(await stream.next()).toMatchObject({ done: false, value: {} })
  expect(events('connections')).toEqual(['held_unfollowed'])
  expect(events('trust')).toEqual([])
})
