/** Reports on sources and sinks: their sums in lists, the counts of the status, and the alerts. */
import type { Alerts } from '@skerry/contract/alerts/alert'
import type { Status } from '@skerry/contract/api/hub-procedures'
import { type Connection, ConnectionStatus } from '@skerry/contract/connections/connection'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { simulatorSource } from '../stage/made-things.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice, openLink, reportOf, type TestDevice } from '../stage/test-device.ts'

let hub: TestHub
let devices: TestDevice[]

beforeAll(async () => {
  hub = await startTestHub()
  devices = await Promise.all(
    ['gateway-1', 'gateway-2', 'gateway-3'].map((name) => joinDevice(hub, { name, site: 'berlin' })),
  )
})
afterAll(() => hub[Symbol.asyncDispose]())

const MINUTE_MS = 60_000

const statusOf = (name: string, fields: Partial<ConnectionStatus> = {}) =>
  ConnectionStatus.parse({
    kind: 'source',
    name,
    state: 'up',
    sinceMs: Date.now(),
    digest: `sha256:${'0'.repeat(64)}`,
    figures: { valuesPerSecond: 5, rounds: 3, skipped: 0, lost: 0, crashes: 0 },
    ...fields,
  })

const downFor = (minutes: number) => ({
  state: 'down' as const,
  sinceMs: Date.now() - minutes * MINUTE_MS,
  cause: { code: 'source_lost', message: 'connect ECONNREFUSED 10.0.0.5:502' },
})

async function report(device: TestDevice | undefined, running: ConnectionStatus[]) {
  if (!device) throw new Error('there are three devices')
  const link = await openLink(hub, device)
  await link.client.report(reportOf())
  await link.client.held({ name: 'connections', held: { running } })
  return link
}

const listed = async (kind: 'source' | 'sink') =>
  (await hub.ask<{ rows: Connection[] }>('GET', `/v1/${kind}s`)).body.rows

test('a list has the states, the values a second and the newest error, until the source is up again', async () => {
  for (const name of ['press', 'unheard']) {
    expect((await hub.ask('PUT', `/v1/sources/${name}`, { body: { spec: simulatorSource(name) } })).status).toBe(200)
  }
  using _first = await report(devices[0], [statusOf('press'), statusOf('removed-meanwhile')])
  using second = await report(devices[1], [statusOf('press', { ...downFor(9) })])
  using _third = await report(devices[2], [statusOf('press', downFor(0.5))])
  const byName = new Map((await listed('source')).map(({ name, reports }) => [name, reports]))
  expect(byName.get('unheard')).toEqual({ states: {}, silent: 0, valuesPerSecond: 0 })
  expect(byName.get('press')).toMatchObject({
    states: { up: 1, down: 2 },
    silent: 0,
    valuesPerSecond: 15,
    trouble: { device: 'gateway-3', state: 'down', message: 'connect ECONNREFUSED 10.0.0.5:502' },
  })
  expect((await hub.ask<Status>('GET', '/v1/status')).body.down).toEqual({ sources: 2, sinks: 0 })
  // An alert for the one that has been down for more than a minute, and the time of the alert for the other one.
  const { alerts, newlyDown } = (await hub.ask<Alerts>('GET', '/v1/alerts')).body
  expect(newlyDown).toMatchObject([{ kind: 'source', count: 1, name: 'press', device: 'gateway-3' }])
  expect(alerts.filter(({ code }) => code === 'sources_down')).toMatchObject([
    {
      count: 1,
      message: 'the source press on gateway-2 is down: connect ECONNREFUSED 10.0.0.5:502',
      link: '/devices/gateway-2?tab=equipment',
    },
  ])
  await second.client.held({ name: 'connections', held: { running: [statusOf('press')] } })
  expect((await hub.ask<Status>('GET', '/v1/status')).body.down).toEqual({ sources: 1, sinks: 0 })
  const after = (await hub.ask<Alerts>('GET', '/v1/alerts')).body.alerts.map(({ code }) => code)
  expect(after).not.toContain('sources_down')
})

test('a device that has become silent counts as silent, and raises no alert of its equipment', async () => {
  expect((await hub.ask('PUT', '/v1/sources/quiet', { body: { spec: simulatorSource('quiet') } })).status).toBe(200)
  {
    using link = await report(devices[0], [statusOf('quiet', downFor(20))])
    await link.client.leave({})
  }
  const quiet = async () => (await listed('source')).find(({ name }) => name === 'quiet')?.reports
  await expect.poll(quiet, { timeout: PATIENCE_MS }).toEqual({ states: {}, silent: 1, valuesPerSecond: 0 })
})

test('removing a source removes its states', async () => {
  const { connection } = (
    await hub.ask<{ connection: Connection }>('PUT', '/v1/sources/brief', { body: { spec: simulatorSource('brief') } })
  ).body
  using _link = await report(devices[1], [statusOf('brief', downFor(30))])
  const countDown = async () => (await hub.ask<Status>('GET', '/v1/status')).body.down?.sources ?? 0
  const before = await countDown()
  expect((await hub.ask('DELETE', `/v1/sources/${connection.id}`)).status).toBe(200)
  expect(await countDown()).toBe(before - 1)
})
