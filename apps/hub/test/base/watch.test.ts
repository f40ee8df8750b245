import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { get } from 'node:https'
import { Levels } from '@skerry/contract/api/hub-procedures'
import type { Digest } from '@skerry/contract/values/digest'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { systemClock } from '@skerry/platform/process/clock'
import { until } from '@skerry/testkit/until'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice, openLink, reportOf } from '../stage/test-device.ts'

let hub: TestHub
beforeEach(async () => {
  hub = await startTestHub({ clock: systemClock })
})
afterEach(() => hub[Symbol.asyncDispose]())

/** The levels as they arrive, until the hub ends the stream. */
async function* watch(key = hub.ownerKey): AsyncGenerator<Levels, void> {
  const { promise, resolve, reject } = Promise.withResolvers<AsyncIterable<Buffer>>()
  const options = { ca: hub.hub.config.caPem, headers: { authorization: `Bearer ${key}` } }
  const request = get(`${hub.url}/v1/watch`, options, resolve).on('error', reject)
  let text = ''
  try {
    for await (const chunk of await promise) {
      text += chunk.toString()
      const events = text.split('\n\n')
      text = events.pop() ?? ''
      for (const event of events) {
        const data = /^data: (\{.*\})$/m.exec(event)?.[1]
        if (data) yield Levels.parse(JSON.parse(data))
      }
    }
  } finally {
    request.destroy()
  }
}

type Owner = { organisationId: OrganisationId }

const next = async (levels: AsyncGenerator<Levels, void>): Promise<Levels> => {
  const { value } = await levels.next()
  if (!value) throw new Error('the stream has ended')
  return value
}

test('sends the current state, then the nouns that may have changed', async () => {
  const levels = watch()
  const first = await next(levels)
  await hub.ask('PUT', '/v1/sites/oslo', { body: { kind: 'edge' } })
  const second = await next(levels)
  expect(second).toMatchObject({ models: first.models, keys: first.keys, audit: first.audit + 1 })
  expect(second.sites).toBeGreaterThan(first.sites)
  await joinDevice(hub, { site: 'oslo' })
  const third = await next(levels)
  expect(third.audit).toBeGreaterThan(second.audit)
  await levels.return()
})

test('the state of a source that a device reports raises the level of devices, and its figures do not', async () => {
  const device = await joinDevice(hub, { site: 'oslo' })
  using link = await openLink(hub, device)
  await link.client.report(reportOf())
  const linkOf = async () => (await hub.ask<{ link: object }>('GET', `/v1/devices/${device.name}`)).body.link
  await expect.poll(linkOf).toMatchObject({ connected: true })
  using watching = await hub.hub.changes.watch((await hub.ask<Owner>('GET', '/v1/me')).body.organisationId)
  const digest = `sha256:${'0'.repeat(64)}` as Digest
  const report = (state: 'connecting' | 'up', rounds: number) => {
    const figures = { valuesPerSecond: 1, rounds, skipped: 0, lost: 0, crashes: 0 }
    const running = [{ kind: 'source' as const, name: 'pump-1', digest, state, sinceMs: 1, figures }]
    return link.client.held({ name: 'connections', held: { running } })
  }
  const levelAfter = async (work: () => Promise<unknown>) => {
    const before = watching.levels().devices
    await work()
    await until(() => watching.levels().devices > before, { what: 'the level to rise' })
    return watching.levels().devices
  }
  await levelAfter(() => report('connecting', 0))
  const up = await levelAfter(() => report('up', 1))
  await report('up', 2)
  // A key raises keys only, and its look comes after the report's.
  const { keys } = watching.levels()
  await hub.ask('POST', '/v1/keys', { body: { name: 'next', role: 'viewer' } })
  await until(() => watching.levels().keys > keys, { what: 'the next look' })
  expect(watching.levels().devices).toBe(up)
})

test('sends nothing to callers without the permission', async () => {
  const { store, ids } = hub.hub
  const other = ids.organisation()
  await store.transaction((tx) =>
    tx
      .insertInto('organisations')
      .values({ id: other, name: 'x', created_at_ms: 0 })
      .execute()
      .then(() => undefined),
  )
  using watching = await hub.hub.changes.watch(other)
  const before = watching.levels()
  const own = watch()
  await next(own)
  await joinDevice(hub, { site: 'oslo' })
  await next(own)
  expect(watching.levels()).toEqual(before)
  await own.return()
})

test('one key has 32 streams at once, and one that ends makes room', async () => {
  const { body } = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'many', role: 'viewer' } })
  const streams = Array.from({ length: 32 }, () => watch(body.secret))
  await Promise.all(streams.map(next))
  const refused = () => hub.ask<{ code: string }>('GET', '/v1/watch', { key: body.secret })
  expect(await refused()).toMatchObject({
    status: 429,
    body: { code: 'watchers_full', data: { bound: 'caller', max: 32 } },
  })
  // Another key of the organisation, from the same address, is not affected.
  const own = watch()
  await next(own)
  await streams[0]?.return()
  await expect.poll(async () => (await refused()).status).toBe(200)
  await Promise.all([own.return(), ...streams.map((stream) => stream.return())])
})

test('a caller that leaves before the stream begins takes no place', async () => {
  const { organisationId } = (await hub.ask<{ organisationId: string }>('GET', '/v1/me')).body
  const { keys, watchPlaces } = hub.hub
  const begun = Promise.withResolvers<ServerResponse>()
  const onStart = (message: unknown) => begun.resolve((message as { response: ServerResponse }).response)
  subscribe('http.server.request.start', onStart)
  const verify = keys.verify
  // Simulates a remote database: its answer arrives after the caller has disconnected.
  using slow = vi.spyOn(keys, 'verify').mockImplementationOnce(async (text) => {
    request.destroy()
    await once(await begun.promise, 'close')
    return verify(text)
  })
  const headers = { authorization: `Bearer ${hub.ownerKey}` }
  const request = get(`${hub.url}/v1/watch`, { ca: hub.hub.config.caPem, headers }).on('error', () => undefined)
  await until(() => slow.mock.settledResults[0]?.type === 'fulfilled')
  unsubscribe('http.server.request.start', onStart)
  await hub.ask('GET', '/v1/me')
  expect(watchPlaces.ofOrganisation(organisationId as OrganisationId)).toBe(0)
})

test('ends with the key, and with the hub', async () => {
  const { body } = await hub.ask<{ secret: string; key: { id: string } }>('POST', '/v1/keys', {
    body: { name: 'passing', role: 'viewer' },
  })
  const passing = watch(body.secret)
  const staying = watch()
  await next(passing)
  await next(staying)
  await hub.ask('POST', `/v1/keys/${body.key.id}/revoke`)
  await next(staying)
  let last: IteratorResult<Levels, void>
  do last = await passing.next()
  while (!last.done)
  const ended = staying.next()
  await hub[Symbol.asyncDispose]()
  expect((await ended).done).toBe(true)
  hub = await startTestHub()
})
