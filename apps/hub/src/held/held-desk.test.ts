/** The held desk with a document of one number, and devices that are a few functions. */
import type { HeldMessage } from '@skerry/contract/held/held-document'
import { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { createEventClock } from '@skerry/testkit/simulation/event-clock'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { createBus } from '../bus.ts'
import type { LinkConnection } from '../link/link-connection.ts'
import { createHeldDesk } from './held-desk.ts'
import { AGAIN_MS, type HeldDocument, type HeldHub } from './held-document.ts'

type Held = { revision: number }

const DEVICES = ['dev_aaaaaaaaaaaa', 'dev_bbbbbbbbbbbb', 'dev_cccccccccccc'].map((id) => DeviceId.parse(id))
const ORGANISATIONS = ['org_aaaaaaaaaaaa', 'org_bbbbbbbbbbbb'].map((id) => OrganisationId.parse(id))

/** A device of an organisation, connected; `sent` are the numbers that the hub signed for it. */
function connect(deviceId: DeviceId, organisationId: OrganisationId) {
  const sent: unknown[] = []
  const socket = { readyState: 1, OPEN: 1, send() {} }
  const sign = (stream: string, { document }: HeldMessage) => {
    sent.push(Object(document).revision)
    return { envelope: stream, message: document }
  }
  const parts = { deviceId, organisationId, socket, sign, observedGeneration: 0, held: undefined }
  return { sent, connection: parts as unknown as LinkConnection }
}

/** The hub wants all devices at `wanted.revision`; `wanted.fails` is how many looks fail before one succeeds. */
function startDesk() {
  const clock = createEventClock(1_800_000_000_000)
  const logged: string[] = []
  const note = (event: string, fields?: object) => void logged.push(`${event} ${Object(fields).held}`)
  const log = { debug() {}, info() {}, warn: note, error: note }
  const bus = createBus(log)
  let subscriptions = 0
  const wanted = { revision: 1, fails: 0, looks: 0 }
  const document: HeldDocument<Held, Held> = {
    kind: { name: 'number', document: z.object({ revision: z.int() }), held: z.object({ revision: z.int() }) },
    wakes: ['secrets.changed', 'device.changed'],
    async next(_hub, _connection, { revision }) {
      wanted.looks += 1
      if (wanted.fails > 0) {
        wanted.fails -= 1
        throw new Error('the key is away')
      }
      return revision === wanted.revision
        ? undefined
        : { document: { revision: wanted.revision }, standing: { revision: wanted.revision } }
    },
    revision: ({ revision }) => revision,
    againMs: AGAIN_MS,
  }
  const counting = {
    ...bus,
    subscribe: (...given: Parameters<typeof bus.subscribe>) => {
      subscriptions += 1
      return bus.subscribe(...given)
    },
  }
  const hub = { store: {}, log, bus: counting, clock, signal: new AbortController().signal } as unknown as HeldHub
  const connections = new Map<DeviceId, LinkConnection>()
  const desk = createHeldDesk(hub, connections, [document])
  const listen = async (deviceId: DeviceId, organisationId: OrganisationId, revision: number) => {
    const device = connect(deviceId, organisationId)
    connections.set(deviceId, device.connection)
    desk.open(device.connection, ['number']).hibernationCallback?.('1')
    const report = (held: unknown) => desk.hear(device.connection, { name: 'number', held })
    await report({ revision })
    await settle()
    return { ...device, report }
  }
  return { clock, bus, desk, listen, logged, wanted, subscriptions: () => subscriptions }
}

/** Looks take no time here: they are over when everything that waits for nothing has had its turn. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

const [one, two, three] = DEVICES as [DeviceId, DeviceId, DeviceId]
const [ours, theirs] = ORGANISATIONS as [OrganisationId, OrganisationId]

test('a device is sent what it does not hold, at once and at each change of its organisation or of itself', async () => {
  const { bus, listen, wanted } = startDesk()
  const behind = await listen(one, ours, 0)
  const current = await listen(two, ours, 1)
  const other = await listen(three, theirs, 1)
  expect([behind.sent, current.sent, other.sent]).toEqual([[1], [], []])
  wanted.revision = 2
  bus.publish('secrets.changed', ours)
  await settle()
  expect([behind.sent, current.sent, other.sent]).toEqual([[1, 2], [2], []])
  bus.publish('device.changed', three)
  await settle()
  expect(other.sent).toEqual([2])
  wanted.revision = 3
  bus.publish('everything.changed', '')
  await settle()
  expect([behind.sent, current.sent, other.sent]).toEqual([
    [1, 2, 3],
    [2, 3],
    [2, 3],
  ])
})

test('a hub subscribes once a topic, and looks at no device while nothing changes', async () => {
  const { clock, listen, wanted, subscriptions } = startDesk()
  for (const device of DEVICES) await listen(device, ours, 1)
  expect(subscriptions()).toBe(3)
  expect(wanted.looks).toBe(3)
  expect(await clock.next()).toBe(false)
})

test('a device that could not take a document is sent it again half a minute later, and once only', async () => {
  const { clock, listen } = startDesk()
  const device = await listen(one, ours, 0)
  await device.report({ revision: 0 })
  await device.report({ revision: 0 })
  await settle()
  expect(device.sent).toEqual([1])
  const beforeMs = clock.monotonicMs()
  await clock.next()
  expect(clock.monotonicMs() - beforeMs).toBe(AGAIN_MS)
  expect(device.sent).toEqual([1, 1])
  await device.report({ revision: 1 })
  expect(await clock.next()).toBe(false)
})

test('a look that fails is logged and repeated; the device keeps its stream', async () => {
  const { clock, listen, logged, wanted } = startDesk()
  wanted.fails = 1
  const device = await listen(one, ours, 0)
  expect(device.sent).toEqual([])
  expect(logged).toEqual(['held_unsent number'])
  await clock.next()
  expect(device.sent).toEqual([1])
})

test('a device that listens anew is sent what it then reports that it lacks', async () => {
  const { listen } = startDesk()
  const first = await listen(one, ours, 0)
  const again = await listen(one, ours, 0)
  expect([first.sent, again.sent]).toEqual([[1], [1]])
})
