/** The board that picks rows, and the keeper that stores them on the disk of a device. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CaptureRule, CapturesDocument } from '@skerry/contract/held/captures'
import { Digest } from '@skerry/contract/values/digest'
import { DeviceId } from '@skerry/contract/values/ids'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import type { Log } from '@skerry/platform/process/log'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createConditions } from '../conditions.ts'
import { createCaptureBoard, type Picked } from './capture-board.ts'
import { type CaptureKeeper, openCaptureKeeper, subjectKey } from './capture-keeper.ts'
import { openCaptureStore } from './capture-store.ts'

const RULE: CaptureRule = {
  model: 'm',
  when: 'confidence < 0.6',
  sample: 0,
  keep: 3,
  keepBytes: 1_000_000,
  forSeconds: 3_600,
  redact: [],
  task: 'classification',
}

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet }

const floats = (name: string, shape: number[], values: readonly number[]) => ({
  name,
  datatype: 'FP32' as const,
  shape,
  data: new Uint8Array(Float32Array.from(values).buffer),
})

function openBoard(rule: Partial<CaptureRule>, chance = 1) {
  const sent: Picked[] = []
  const board = createCaptureBoard({
    clock: { nowMs: () => 1_000 },
    random: () => chance,
    newId: () => 'made',
    send: (picked) => void sent.push(picked),
  })
  board.become([{ ...RULE, ...rule }])
  const ask = (rows: readonly number[][], answers: readonly number[], id?: string, flow?: string) => {
    const inputs = [floats('x', [rows.length, rows[0]?.length ?? 0], rows.flat())]
    const about = { name: 'm', version: '2', rows: rows.length, id, subject: undefined, flow }
    const done = board.begin({ ...about, tensors: inputs })
    // The worker takes the bytes.
    for (const { data } of inputs) data.fill(255)
    done?.([
      floats(
        'p',
        [rows.length, 2],
        answers.flatMap((p) => [p, 1 - p]),
      ),
    ])
  }
  return { board, sent, ask, rows: () => sent.flatMap((picked) => picked.rows) }
}

const numbersOf = (data: string | undefined) => [
  ...new Float32Array(Uint8Array.from(Buffer.from(data ?? '', 'base64')).buffer),
]

test('only rows of which the model is unsure are picked, each by itself', () => {
  const { ask, rows } = openBoard({})
  const three = [1, 3, 5].map((first) => [first, first + 1])
  ask(three, [0.9, 0.55, 0.5], 'r')
  expect(rows().map(({ request, predicted, version }) => [request, predicted, version])).toEqual([
    ['r#1', '0', 2],
    ['r#2', '0', 2],
  ])
  expect(rows().map(({ inputs }) => numbersOf(inputs?.x?.data))).toEqual([
    [3, 4],
    [5, 6],
  ])
  ask([[7, 8]], [0.5])
  expect(rows().at(-1)?.request).toBe('made')
})

test('redacted columns never leave the runner', () => {
  const { ask, rows } = openBoard({ redact: ['x[0]', 'p'] })
  ask([[12.5, 2]], [0.5])
  expect(numbersOf(rows()[0]?.inputs?.x?.data)).toEqual([0, 2])
  expect(numbersOf(rows()[0]?.outputs?.p?.data)).toEqual([0, 0])
  expect(rows()[0]).toMatchObject({ redacted: ['x[0]', 'p'], predicted: '0' })
})

test('a box of a picture is empty before it leaves the runner, and the rest of the picture is not', () => {
  const { ask, rows } = openBoard({ redact: ['x[1:3]'] })
  ask([[1, 2, 3, 4]], [0.5])
  expect(numbersOf(rows()[0]?.inputs?.x?.data)).toEqual([1, 0, 0, 4])
  expect(rows()[0]?.redacted).toEqual(['x[1:3]'])
})

test('a share is kept without a condition, and a busy second is bounded and counted', () => {
  const { ask, sent, rows } = openBoard({ when: undefined, sample: 0.5 }, 0.4)
  for (let at = 0; at < 30; at++) ask([[at, at]], [1], `r${at}`)
  expect(rows()).toHaveLength(20)
  expect(rows()[0]?.reason).toBe('sample')
  expect(sent.reduce((sum, { dropped }) => sum + dropped, 0)).toBe(10)
  const none = openBoard({ when: undefined, sample: 0.5 }, 0.6)
  none.ask([[1, 1]], [1])
  expect(none.sent).toEqual([])
})

test('an order keeps the next rows of its version, once, also over a new document', () => {
  const order = { id: 'a', version: 2, rows: 3 }
  const { board, ask, rows } = openBoard({ when: undefined, order })
  ask([[1, 1]], [0.9], 'r1')
  board.become([{ ...RULE, when: undefined, sample: 0.001, order }])
  for (const id of ['r2', 'r3', 'r4']) ask([[1, 1]], [0.9], id)
  expect(rows().map(({ request, reason }) => [request, reason])).toEqual([
    ['r1', 'monitor'],
    ['r2', 'monitor'],
    ['r3', 'monitor'],
  ])
  const other = openBoard({ when: undefined, order: { ...order, version: 1 } })
  other.ask([[1, 1]], [0.9])
  expect(other.sent).toEqual([])
})

test('an alarm of a flow keeps the rows that the flow gave to the model, redacted, and once for each rise', () => {
  const alarms = ['pump/alarm']
  const { board, ask, rows } = openBoard({ when: undefined, alarms, redact: ['x[0]'] })
  const signal = { flow: 'pump', signal: 'alarm' }
  const tell = (timeMs: number, value: number) => board.told(signal, { sink: 'lamp', quality: 'good', timeMs, value })
  ask([[1, 7]], [0.9], 'early', 'pump')
  for (let at = 0; at < 8; at++) ask([[at, at]], [0.9], `r${at}`, 'pump')
  ask([[1, 1]], [0.9], 'person')
  ask([[1, 1]], [0.9], 'stranger', 'other')
  tell(1, 0)
  board.told({ ...signal, signal: 'score' }, { sink: 'scores', quality: 'good', timeMs: 2, value: 1 })
  board.told(signal, { sink: 'lamp', quality: 'bad', timeMs: 2, cause: { code: 'bad', message: 'no value' } })
  expect(rows()).toEqual([])
  // New rules must not forget the rows before.
  board.become([{ ...RULE, when: undefined, alarms, redact: ['x[0]'] }])
  tell(3, 1)
  expect(rows().map(({ request, reason }) => [request, reason])).toEqual(
    Array.from({ length: 8 }, (_, at) => [`r${at}`, 'alarm']),
  )
  expect(numbersOf(rows()[3]?.inputs?.x?.data)).toEqual([0, 3])
  expect(rows()[3]).toMatchObject({ redacted: ['x[0]'], predicted: '0', version: 2 })
  ask([[1, 1]], [0.9], 'during', 'pump')
  // The alarm lasts. Then another sink sends an older value of the signal, which is no end of it.
  tell(4, 1)
  tell(2, 0)
  tell(5, 1)
  expect(rows()).toHaveLength(8)
  tell(6, 0)
  tell(7, 1)
  expect(rows().at(-1)?.request).toBe('during')
})

test('a row that is kept already is marked by the alarm, and large rows are held within a limit', () => {
  const { board, ask, rows, sent } = openBoard({ alarms: ['pump/alarm'] })
  const tell = (timeMs: number, value: number) =>
    board.told({ flow: 'pump', signal: 'alarm' }, { sink: 'lamp', quality: 'good', timeMs, value })
  ask([[1, 1]], [0.5], 'unsure', 'pump')
  tell(1, 1)
  expect(rows().map(({ request, reason }) => [request, reason])).toEqual([
    ['unsure', 'condition'],
    ['unsure', 'alarm'],
  ])
  tell(2, 0)
  const large = Array.from({ length: 80_000 }, () => 1)
  for (const id of ['a', 'b', 'c', 'd']) ask([large], [0.9], id, 'pump')
  tell(3, 1)
  // 320 kB each, and 427 kB as text.
  expect(
    rows()
      .slice(2)
      .map(({ request }) => request),
  ).toEqual(['c', 'd'])
  for (let at = 0; at < 30; at++) ask([[1, 1]], [0.5], `busy-${at}`, 'pump')
  const before = sent.length
  tell(4, 0)
  tell(5, 1)
  expect(sent.slice(before)).toEqual([{ model: 'm', rows: [], dropped: 8 }])
})

test('a new runner gets the rows of an order that are still missing, also if kept rows are gone', async () => {
  const order = { id: 'a', version: 2, rows: 3 }
  const full = await openKeeper()
  await full.keeper.take(documentOf([{ ...RULE, keep: 1, order }]))
  const row = { model: 'm', version: 2, reason: 'monitor' as const, redacted: [], atMs: 10_000 }
  full.keeper.keep({ model: 'm', rows: ['r1', 'r2'].map((request) => ({ ...row, request })), dropped: 0 })
  await full.keeper.settled()
  full.keeper.order()
  expect(full.orders.map(([rule]) => rule?.order?.rows)).toEqual([3, 1])
  await full.keeper.take(documentOf([{ ...RULE, keep: 1, order: { ...order, id: 'b' } }], [], 1))
  expect(full.orders.at(-1)?.[0]?.order).toEqual({ ...order, id: 'b' })
})

test('a model without a rule, and a condition of a newer hub, pick nothing', () => {
  const { board, ask, sent } = openBoard({ when: 'confidence between 0.1 and 0.2' })
  ask([[1, 1]], [0.5])
  board.become([])
  ask([[1, 1]], [0.5])
  expect(sent).toEqual([])
})

let data: string
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'skerry-captures-unit-'))
})
afterEach(() => rm(data, { recursive: true, force: true }))

const SALT = 'ab'.repeat(32)
const KEY = Buffer.alloc(32, 7)

const documentOf = (captures: CaptureRule[], erasures: string[] = [], erased = 0): CapturesDocument => ({
  v: 1,
  deviceId: DeviceId.parse('dev_aaaaaaaaaaaa'),
  revision: Digest.parse(`sha256:${String(erased).repeat(64)}`),
  salt: SALT,
  captures,
  erasures,
  erased,
})

type Machine = { freeBytes: number; nowMs: number; failsWrites: boolean }

async function openKeeper(machine: Machine = { freeBytes: 1e9, nowMs: 10_000, failsWrites: false }) {
  const conditions = createConditions({ warn() {}, info() {} }, () => {})
  const store = await openCaptureStore(join(data, 'captures.sqlite'), KEY)
  const orders: (readonly CaptureRule[])[] = []
  const keeper = await openCaptureKeeper({
    fileSystem: {
      ...nodeFileSystem,
      freeBytes: async () => machine.freeBytes,
      ...(machine.failsWrites && {
        rename: async () => {
          throw new Error('ENOSPC: no space left on device')
        },
      }),
    },
    data,
    store,
    clock: { nowMs: () => machine.nowMs },
    conditions,
    log: quiet,
    floorBytes: () => 1e8,
    capture: (rules) => void orders.push(rules),
  })
  return { keeper, store, conditions, machine, orders }
}

function row(request: string, atMs = 10_000, subject?: string) {
  const about = { model: 'm', version: 1, atMs, reason: 'sample' as const, redacted: [] }
  return { ...about, request, predicted: '1', ...(subject !== undefined && { subject }) }
}

async function kept(keeper: CaptureKeeper) {
  await keeper.settled()
  return keeper.read({ model: 'm', limit: 100 }).rows.map(({ request }) => request)
}

test('a ring keeps the newest rows within rows, bytes and age, and the rows are not readable on the disk', async () => {
  const { keeper, machine, store } = await openKeeper()
  await keeper.take(documentOf([RULE]))
  for (const request of ['a', 'b', 'c', 'd']) keeper.keep({ model: 'm', rows: [row(request)], dropped: 0 })
  expect(await kept(keeper)).toEqual(['d', 'c', 'b'])
  keeper.keep({ model: 'm', rows: [{ ...row('d'), predicted: '0' }], dropped: 2 })
  expect(await kept(keeper)).toEqual(['d', 'c', 'b'])
  expect(keeper.read({ model: 'm', limit: 1, requests: ['d', 'x'] })).toMatchObject({
    rows: [{ request: 'd', predicted: '0' }],
    heldCount: 3,
    droppedCount: 2,
  })
  const bytes = await readFile(join(data, 'captures.sqlite'))
  expect(bytes.includes('predicted')).toBe(false)
  machine.nowMs += 3_600_001
  keeper.tidy()
  expect(await kept(keeper)).toEqual([])
  await keeper.take(documentOf([{ ...RULE, keepBytes: 300 }], [], 1))
  for (const request of ['a', 'b', 'c']) keeper.keep({ model: 'm', rows: [row(request, machine.nowMs)], dropped: 0 })
  expect(await kept(keeper)).toEqual(['c', 'b'])
  store[Symbol.dispose]()
})

test('rows about an erased subject are deleted, and its name was never stored', async () => {
  const { keeper, store } = await openKeeper()
  await keeper.take(documentOf([RULE]))
  keeper.keep({ model: 'm', rows: [row('a', 10_000, 'anna'), row('b', 10_000, 'berta')], dropped: 0 })
  expect(await kept(keeper)).toEqual(['b', 'a'])
  await keeper.take(documentOf([RULE], [subjectKey(SALT, 'anna')], 1))
  expect(await kept(keeper)).toEqual(['b'])
  expect(keeper.held().erased).toBe(1)
  store[Symbol.dispose]()
  for (const name of ['captures.sqlite', 'captures.json']) {
    const bytes = await readFile(join(data, name))
    for (const word of ['anna', 'berta', subjectKey(SALT, 'anna')])
      expect([name, bytes.includes(word)]).toEqual([name, false])
  }
  const again = await openKeeper()
  expect(await kept(again.keeper)).toEqual(['b'])
  expect(again.keeper.held().erased).toBe(1)
  again.store[Symbol.dispose]()
})

test('on a full disk captures stop first, say so, and begin again when there is room', async () => {
  const { keeper, machine, conditions, store } = await openKeeper()
  await keeper.take(documentOf([RULE]))
  machine.freeBytes = 1.9e8
  keeper.keep({ model: 'm', rows: [row('a')], dropped: 0 })
  expect(await kept(keeper)).toEqual([])
  expect(conditions.list().map(({ code }) => code)).toEqual(['captures_stopped'])
  expect(keeper.read({ model: 'm', limit: 1 }).droppedCount).toBe(1)
  machine.freeBytes = 1e9
  machine.nowMs += 1_000
  keeper.keep({ model: 'm', rows: [row('b')], dropped: 0 })
  expect(await kept(keeper)).toEqual(['b'])
  expect(conditions.list()).toEqual([])
  // The disk is full in the middle of a write.
  store[Symbol.dispose]()
  keeper.keep({ model: 'm', rows: [row('c')], dropped: 0 })
  await keeper.settled()
  expect(conditions.list().map(({ code }) => code)).toEqual(['captures_stopped'])
})

test('a document that cannot be written changes nothing, and a damaged store begins anew', async () => {
  const full = await openKeeper({ freeBytes: 1e9, nowMs: 10_000, failsWrites: true })
  await full.keeper.take(documentOf([RULE]))
  expect(full.conditions.list().map(({ code }) => code)).toEqual(['captures_refused'])
  expect([full.keeper.held(), full.orders]).toEqual([{ boxes: true }, []])
  full.store[Symbol.dispose]()
  await writeFile(join(data, 'captures.sqlite'), 'no database at all '.repeat(400))
  await writeFile(join(data, 'captures.json'), '{ "v": 1, "cut off')
  const { keeper, store } = await openKeeper()
  expect(keeper.held()).toEqual({ boxes: true })
  await keeper.take(documentOf([RULE]))
  keeper.keep({ model: 'm', rows: [row('a')], dropped: 0 })
  expect(await kept(keeper)).toEqual(['a'])
  await keeper.take(documentOf([], [], 1))
  expect(await kept(keeper)).toEqual([])
  store[Symbol.dispose]()
})
