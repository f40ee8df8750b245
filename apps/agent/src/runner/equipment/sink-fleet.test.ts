import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HubTelemetry } from '@skerry/connectors/sink'
import { QueueLook } from '@skerry/contract/hub/queue-look'
import { digestOf } from '@skerry/platform/files/hash'
import { systemClock } from '@skerry/platform/process/clock'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createSinkFleet } from './sink-fleet.ts'
import { createSourceBoard } from './source-board.ts'
import type { TagDoor } from './tag-writes.ts'

const numbered = (number: number) => ({ signal: 's', quality: 'good' as const, value: number, eventTimeMs: number })
const NO_DOOR: TagDoor = {
  write: async () => ({ ok: false, code: 'source_unknown', message: 'there are no sources here' }),
  refused: () => undefined,
}
const away: HubTelemetry = async () => ({ kind: 'away', message: 'no link' })

async function newStage() {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-sink-fleet-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const folders = { folder: join(folder, 'sinks'), hubFolder: join(folder, 'hub-queue') }
  return {
    orderOf: (sinks: Awaited<ReturnType<typeof wanted>>[], secrets = {}) => ({ sinks, secrets, ...folders }),
    sink: (name: string, changes: object = {}) => wanted(folder, name, changes),
    open: (hub: HubTelemetry) =>
      createSinkFleet({
        clock: systemClock,
        random: () => 0.01,
        hub,
        board: createSourceBoard(),
        door: NO_DOOR,
        sourceOf: () => undefined,
      }),
    linesOf: async (name: string) =>
      (await readFile(join(folders.folder, name, `values/${name}.open.jsonl`), 'utf8')).trimEnd().split('\n').length,
  }
}

async function wanted(folder: string, name: string, changes: object) {
  const text = JSON.stringify({ name, protocol: 'file', connection: { folder: 'values' }, ...changes })
  const path = join(folder, `${name}.json`)
  await writeFile(path, text)
  return { name, path, digest: digestOf(text) }
}

test('starts new sinks, restarts changed ones, stops removed ones, and leaves the others alone', async () => {
  const { orderOf, sink, open, linesOf } = await newStage()
  await using fleet = open(away)
  await fleet.become(orderOf([await sink('one'), await sink('two')]))
  await vi.waitFor(() => expect(fleet.statuses()).toMatchObject([{ state: 'up' }, { state: 'up' }]), PATIENCE_MS)
  const before = fleet.statuses()
  void fleet.offer({ kind: 'sink', sink: 'two' }, numbered(1), 'normal')
  await fleet.become(orderOf([await sink('one'), await sink('two', { batch: { lingerMs: 1 } })]))
  expect(await fleet.offer({ kind: 'sink', sink: 'two' }, numbered(2), 'normal')).toEqual({ ok: true })
  await vi.waitFor(async () => expect(await linesOf('two')).toBe(2), PATIENCE_MS)
  expect(fleet.statuses()[0]?.sinceMs).toBe(before[0]?.sinceMs)
  await fleet.become(orderOf([await sink('one')]))
  expect(await fleet.offer({ kind: 'sink', sink: 'two' }, numbered(3), 'normal')).toMatchObject({
    code: 'sink_unknown',
  })
  await fleet.become(orderOf([await sink('one', { protocol: 'pigeon' })]))
  expect(fleet.statuses()).toMatchObject([{ name: 'one', state: 'refused', cause: { code: 'sink_unreadable' } }])
})

test('a sink whose secret is missing keeps its values, and sends them when the secret arrives', async () => {
  const { orderOf, sink, open } = await newStage()
  await using fleet = open(away)
  const url = 'http://127.0.0.1:1/'
  const hook = await sink('hook', { protocol: 'webhook', connection: { url, bearer: { secret: 'token' } } })
  await fleet.become(orderOf([hook]))
  expect(await fleet.offer({ kind: 'sink', sink: 'hook' }, numbered(1), 'normal')).toEqual({ ok: true })
  const hasCause = (code: string) => () => expect(fleet.statuses()).toMatchObject([{ cause: { code } }])
  await vi.waitFor(hasCause('sink_unfit'), PATIENCE_MS)
  await fleet.become(orderOf([hook], { token: 'plc' }))
  await vi.waitFor(hasCause('sink_unreachable'), PATIENCE_MS)
  await vi.waitFor(() => expect(fleet.statuses()[0]?.figures?.waiting).toBe(1), PATIENCE_MS)
})

test('values that waited for the hub are sent by the next fleet, without a new order', async () => {
  const { orderOf, open } = await newStage()
  const first = open(away)
  expect(await first.offer({ kind: 'hub' }, numbered(1), 'normal')).toMatchObject({ code: 'sink_unknown' })
  expect(await first.offerToHub(numbered(1), 'normal')).toEqual({ lost: 1 })
  await first.become(orderOf([]))
  expect(await first.offer({ kind: 'hub' }, numbered(1), 'normal')).toEqual({ ok: true })
  await vi.waitFor(async () => expect(await first.offerToHub(numbered(2), 'normal')).toEqual({ lost: 0 }), PATIENCE_MS)
  await first[Symbol.asyncDispose]()
  const taken: unknown[] = []
  await using second = open(async ({ first, values }) => {
    taken.push(...values.map((value) => ('value' in value ? value.value : undefined)))
    return { kind: 'held', last: first + values.length - 1 }
  })
  await second.become(orderOf([]))
  await vi.waitFor(() => expect(taken).toEqual([1, 2]), PATIENCE_MS)
})

test('a look shows the waiting values of a queue, their age and the losses, also for the hub queue', async () => {
  const { orderOf, sink, open } = await newStage()
  await using fleet = open(away)
  const url = 'http://127.0.0.1:1/'
  await fleet.become(orderOf([await sink('hook', { protocol: 'webhook', connection: { url } })]))
  expect(fleet.look({ kind: 'sink', sink: 'other' })).toBeUndefined()
  expect(fleet.look({ kind: 'hub' })).toBeUndefined()
  expect(await fleet.offer({ kind: 'sink', sink: 'hook' }, numbered(1), 'normal')).toEqual({ ok: true })
  expect(await fleet.offer({ kind: 'hub' }, numbered(1), 'normal')).toEqual({ ok: true })
  await vi.waitFor(() => {
    const hook = fleet.look({ kind: 'sink', sink: 'hook' })
    const hub = fleet.look({ kind: 'hub' })
    expect(hook).toMatchObject({ kind: 'sink', name: 'hook', state: 'down', waiting: 1, delivered: 0, lost: 0 })
    expect(hook).toMatchObject({ cause: { code: 'sink_unreachable' }, bytesMax: 256 * 1024 ** 2, losses: [] })
    expect(hub).toMatchObject({ kind: 'hub', name: 'hub', state: 'down', waiting: 1, lanes: expect.anything() })
    expect(QueueLook.array().safeParse([hook, hub]).success).toBe(true)
    expect(hook?.waitingBytes).toBeGreaterThan(0)
    expect(hook?.oldestMs).toBeGreaterThan(0)
  }, PATIENCE_MS)
})

test('urgent values overtake normal and bulk values that wait for the hub', async () => {
  const { orderOf, open } = await newStage()
  const asked = Promise.withResolvers<void>()
  const free = Promise.withResolvers<void>()
  const taken: number[] = []
  await using fleet = open(async ({ first, values }) => {
    asked.resolve()
    await free.promise
    taken.push(...values.map(({ eventTimeMs }) => eventTimeMs))
    return { kind: 'held', last: first + values.length - 1 }
  })
  await fleet.become(orderOf([]))
  await fleet.offer({ kind: 'hub' }, numbered(1), 'normal')
  // The hub has a batch, and does not answer yet. So further values must wait.
  await asked.promise
  await fleet.offer({ kind: 'hub' }, numbered(2), 'bulk')
  await fleet.offer({ kind: 'hub' }, numbered(3), 'normal')
  await fleet.offer({ kind: 'hub' }, numbered(4), 'urgent')
  await vi.waitFor(() => expect(fleet.look({ kind: 'hub' })?.waiting).toBe(4), PATIENCE_MS)
  free.resolve()
  await vi.waitFor(() => expect(new Set(taken)).toEqual(new Set([1, 2, 3, 4])), PATIENCE_MS)
  const afterUrgent = taken.slice(taken.indexOf(4))
  expect(afterUrgent).toContain(2)
  expect(afterUrgent).toContain(3)
})
