/** Pairs at the hub: the declaration, its refusals, the documents of the devices, and the state out of their reports. */
import { PairsDocument } from '@skerry/contract/held/pairs'
import type { Pair } from '@skerry/contract/pairs/pair'
import { digestOf } from '@skerry/platform/files/hash'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPairSite, type PAIR_NAMES, type PairSite } from '../stage/fleet/pair-site.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice, listenHeld } from '../stage/test-device.ts'

let hub: TestHub
let site: PairSite
beforeAll(async () => {
  hub = await startTestHub()
  site = await openPairSite(hub, 'plant')
})
afterAll(async () => {
  site[Symbol.dispose]()
  await hub[Symbol.asyncDispose]()
})

const specOf = (changes: Partial<Pair['spec']> = {}): Pair['spec'] => ({
  members: ['plant-a', 'plant-b'],
  witness: 'plant-w',
  address: '10.0.0.50/24',
  interface: 'eth0',
  ...changes,
})

type Failure = { code?: string; detail?: string }
const create = (name: string, changes: Partial<Pair['spec']> = {}, key?: string) =>
  hub.ask<Pair & Failure>('POST', `/v1/pairs/${name}`, {
    body: { spec: specOf(changes) },
    ...(key !== undefined && { key }),
  })
const show = async (name: string) => (await hub.ask<Pair>('GET', `/v1/pairs/${name}`)).body

test('a pair needs three devices of one site whose operators allow it, and each is a member of one pair', async () => {
  using _depot = await openPairSite(hub, 'depot')
  const silent = await joinDevice(hub, { name: 'plant-silent', site: 'plant' })
  const refusals = [
    [{ witness: 'nobody' }, 404, /no device nobody/],
    [{ members: ['plant-a', 'plant-a'] }, 422, /three devices/],
    [{ witness: 'plant-b' }, 422, /three devices/],
    [{ witness: 'depot-w' }, 422, /depot-w is at the site depot, and plant-a at plant/],
    [{ witness: silent.name }, 422, /plant-silent takes no part.*--pair HOST:PORT/],
  ] as const
  for (const [changes, status, words] of refusals) {
    const answer = await create('refused', changes as Partial<Pair['spec']>)
    expect([answer.status, answer.text], JSON.stringify(changes)).toEqual([status, expect.stringMatching(words)])
  }
  for (const wrong of [{ address: '10.0.0.300/24' }, { address: 'fe80::1/64' }, { interface: '-all' }])
    expect((await create('refused', wrong)).status, JSON.stringify(wrong)).toBe(400)
  expect((await hub.ask('GET', '/v1/pairs/refused')).status).toBe(404)

  expect((await create('line')).status).toBe(200)
  expect((await create('line')).text).toMatch(/there is a pair line already/)
  const again = await create('second', { members: ['plant-b', 'plant-w'], witness: 'plant-a' })
  expect([again.status, again.text]).toEqual([422, expect.stringMatching(/member of the pair line already/)])
})

test('each of the three gets the keys and doors of the others; reports make the state, and a switch names its target', async () => {
  await create('line')
  const { a, b, w } = site
  const document = await pairsOf('w')
  expect(document).toMatchObject({ deviceId: w.id, pairs: [{ name: 'line', interface: 'eth0' }] })
  const [order] = document.pairs
  if (!order) throw new Error('the document has no pair')
  const peers = [...order.members, order.witness]
  expect(peers.map(({ device }) => device)).toEqual([a.id, b.id, w.id])
  expect(peers.map(({ door }) => door)).toEqual(['10.0.0.1:8700', '10.0.0.2:8700', '10.0.0.3:8700'])
  expect(new Set(peers.map(({ key }) => key)).size).toBe(3)
  expect(order).not.toHaveProperty('switch')
  expect((await show('line')).state).toBe('unknown')

  await site.report(order.pair, 'w', { role: 'witness' })
  await site.report(order.pair, 'a', { role: 'active', reason: 'start' })
  await site.report(order.pair, 'b', { role: 'passive' })
  await until(async () => (await show('line')).state === 'protected', { seen: () => show('line') })
  expect((await show('line')).active).toMatchObject({ device: 'plant-a', epoch: 3, reason: 'start' })

  const switchTo = (to: string) => hub.ask<Pair & Failure>('POST', '/v1/pairs/line/switch', { body: { to } })
  expect((await switchTo('plant-a')).text).toMatch(/active already/)
  expect((await switchTo('plant-w')).text).toMatch(/no member/)
  expect((await switchTo('plant-b')).body).toMatchObject({ switchTo: 'plant-b' })
  expect((await pairsOf('a')).pairs[0]).toMatchObject({ switch: { turn: 1, to: b.id } })

  // The reports arrive in any order: the newest epoch counts, and a device that cannot reach the witness is a weakness.
  await site.report(order.pair, 'b', { role: 'active', epoch: 4, reason: 'switched', unreached: ['plant-w'] })
  await until(async () => (await show('line')).active?.device === 'plant-b')
  expect((await show('line')).state).toBe('unprotected')
  expect((await show('line')).problems).toContain('plant-b cannot reach plant-w')
})

test('only a role that may change devices makes, switches and ends pairs, and the audit log names them', async () => {
  await create('line')
  const { body } = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'looker', role: 'viewer' } })
  const key = body.secret
  expect((await create('other', {}, key)).status).toBe(403)
  expect((await hub.ask('POST', '/v1/pairs/line/switch', { key, body: { to: 'plant-b' } })).status).toBe(403)
  expect((await hub.ask('DELETE', '/v1/pairs/line', { key })).status).toBe(403)
  const { body: seen } = await hub.ask<{ rows: Pair[] }>('GET', '/v1/pairs', { key })
  expect(seen.rows.map(({ name }) => name)).toEqual(['line'])

  // The hub keeps no record of a member's device that is gone: the pair ends first.
  expect((await hub.ask('DELETE', '/v1/devices/plant-a')).text).toMatch(/pair/)
  expect((await hub.ask('DELETE', '/v1/pairs/line')).status).toBe(200)
  expect((await hub.ask('DELETE', '/v1/pairs/line')).status).toBe(404)
  expect((await pairsOf('a')).pairs).toEqual([])
  const { body: log } = await hub.ask<{ rows: { action: string }[] }>('GET', '/v1/audit?limit=100')
  const actions = new Set(log.rows.map(({ action }) => action))
  for (const action of ['pair.create', 'pair.switch', 'pair.remove']) expect(actions).toContain(action)
})

test('a pair ends only if each device learns of it, or a person confirms that it is off', async () => {
  using yard = await openPairSite(hub, 'yard')
  await create('gates', { members: ['yard-a', 'yard-b'], witness: 'yard-w' })
  yard.links.a[Symbol.dispose]()
  await until(async () => (await show('gates')).devices[0].isConnected === false, { seen: () => show('gates') })
  const end = (off?: string[]) => hub.ask<Failure>('DELETE', '/v1/pairs/gates', { body: { ...(off && { off }) } })
  const refused = [422, expect.stringMatching(/no connection to yard-a.*pair rm gates --off .*yard-a/)]
  for (const off of [undefined, ['yard-b']]) {
    const { status, text } = await end(off)
    expect([status, text]).toEqual(refused)
  }
  expect((await end(['Yard A'])).status).toBe(400)
  expect((await end(['yard-a'])).status).toBe(200)
  expect((await hub.ask('GET', '/v1/pairs/gates')).status).toBe(404)
})

/** The document of a device, as it gets it after a start with an old revision on its disk. */
async function pairsOf(name: (typeof PAIR_NAMES)[number]): Promise<PairsDocument> {
  const held = { revision: digestOf('an older document'), door: site.door(name), pairs: [] }
  const stream = await listenHeld(site.links[name].client, 'pairs', held)
  const { value } = await stream.next()
  await stream.return?.()
  return PairsDocument.parse(value)
}
