/** Window counter: classes of scores, the open window at an end, and rows that an earlier runner lost. */
import type { Watch } from '@skerry/contract/held/monitors'
import { textHash } from '@skerry/core/monitors/text-hash'
import { bytesOfStrings } from '@skerry/inference/host/raw-tensor'
import { digestOf } from '@skerry/platform/files/hash'
import { expect, test } from 'vitest'
import { createMonitorBoard } from './monitor-board.ts'
import { createWindowCounter } from './window-counter.ts'
import { createWriteHolds, heldDoor } from './write-holds.ts'

const watch: Watch = {
  model: 'm',
  version: 1,
  profile: digestOf('profile'),
  windowMs: 10_000,
  features: [
    { feature: 'x', side: 'input', tensor: 'x', edges: [1] },
    { feature: 'class of p', side: 'output', tensor: 'p', isClass: true, edges: [0, 1, 2, 3] },
  ],
}

const floats = (name: string, shape: number[], values: readonly number[]) => ({
  name,
  datatype: 'FP32' as const,
  shape,
  data: new Uint8Array(Float32Array.from(values).buffer),
})

test('the class of a row is the number of its largest score, and a window ends early when the runner does', () => {
  const counter = createWindowCounter(watch)
  expect(counter.inputs([floats('x', [2], [0.5, 2])], 2, 20_000)).toBe(true)
  counter.outputs([floats('p', [2, 3], [0.1, 0.2, 0.7, 0.8, 0.1, 0.1])], 2)
  expect(counter.openRows()).toBe(2)
  expect(counter.take(29_999)).toEqual([])
  const [window, ...others] = counter.flush(25_000)
  expect(others).toEqual([])
  expect(window).toMatchObject({ startMs: 20_000, endMs: 30_000, rows: 2, counted: 2 })
  expect(window?.features.map(({ counts }) => counts)).toEqual([
    [1, 1],
    [0, 1, 0, 1, 0],
  ])
  expect(counter.flush(25_000)).toEqual([])
  expect(counter.openRows()).toBe(0)
})

test('rows of an embedding are counted by their nearest cluster and its distance, also every second column', () => {
  const clusters = {
    tensor: 'e',
    step: 2,
    centroids: [
      [0, 0],
      [10, 10],
    ],
  }
  const counter = createWindowCounter({
    ...watch,
    features: [
      {
        feature: 'cluster of e',
        side: 'input',
        tensor: 'cluster of e',
        clusters: { ...clusters, part: 'cluster' },
        edges: [0, 1, 2],
      },
      {
        feature: 'distance of e',
        side: 'input',
        tensor: 'distance of e',
        clusters: { ...clusters, part: 'distance' },
        edges: [2],
      },
    ],
  })
  const rows = [0, 99, 1, 99, 10, 99, 9, 99, 13, 99, 14, 99, Number.NaN, 99, 0, 99]
  counter.inputs([floats('e', [4, 4], rows)], 4, 20_000)
  // Other columns than the reference has.
  counter.inputs([floats('e', [1, 6], [0, 0, 0, 0, 0, 0])], 1, 20_000)
  const [window] = counter.flush(25_000)
  expect(window?.features.map(({ counts, missing }) => [counts, missing])).toEqual([
    [[0, 1, 2, 0], 2],
    [[2, 1], 2],
  ])
})

test('rows that an earlier runner lost are in the next window, once', () => {
  let nowMs = 20_000
  const board = createMonitorBoard({ clock: { nowMs: () => nowMs } })
  board.become([watch])
  const ask = () => board.inputs({ name: 'm', version: '1', tensors: [floats('x', [1], [0.5])], rows: 1 })
  expect(ask()).toBe(true)
  expect(board.openRows()).toEqual([{ model: 'm', version: '1', rows: 1 }])
  board.lose([
    { model: 'm', version: '1', rows: 7 },
    { model: 'other', version: '1', rows: 9 },
  ])
  nowMs = 30_000
  expect(board.take()).toMatchObject([{ rows: 1, lost: 7 }])
  ask()
  nowMs = 40_000
  expect(board.take()[0]).not.toHaveProperty('lost')
})

test('a flow that is held gets a refusal that names the way out, until it is released', () => {
  const holds = createWriteHolds()
  expect(holds.refusal('line-3')).toBeUndefined()
  holds.become([{ flow: 'line-3', reason: 'm:2 alerted: x moved' }])
  expect(holds.refusal('line-3')).toEqual({
    ok: false,
    code: 'tag_interlocked',
    message: expect.stringMatching(/m:2 alerted: x moved.*skerry monitor release/),
  })
  expect(holds.refusal('line-4')).toBeUndefined()
  holds.become([])
  expect(holds.refusal('line-3')).toBeUndefined()
})

test('a held flow writes no tag and leaves a note, while hosts and other flows write', async () => {
  const holds = createWriteHolds()
  holds.become([{ flow: 'line-3', reason: 'm:2 alerted: x moved' }])
  const written: unknown[] = []
  const refused: unknown[] = []
  const door = heldDoor(
    {
      async write(writer) {
        written.push(writer)
        return { ok: true }
      },
      refused: (write) => void refused.push(write),
    },
    holds,
  )
  const order = { source: 'press', tag: 'horn', value: true }
  expect(await door.write({ flow: 'line-3' }, order)).toMatchObject({ ok: false, code: 'tag_interlocked' })
  expect(await door.write({ flow: 'line-4' }, order)).toEqual({ ok: true })
  expect(await door.write({ sink: 'plant', broker: 'b' }, order)).toEqual({ ok: true })
  expect(written).toEqual([{ flow: 'line-4' }, { sink: 'plant', broker: 'b' }])
  expect(refused).toMatchObject([{ flow: 'line-3', tag: 'horn', refusal: { code: 'tag_interlocked' } }])
})

test('texts are counted by their hash, column by column', () => {
  const hash = (text: string) => textHash(new TextEncoder().encode(text))
  const edges = [hash('red'), hash('red') + 1]
  const counter = createWindowCounter({
    ...watch,
    features: [{ feature: 'x[1]', side: 'input', tensor: 'x', column: 1, edges }],
  })
  const data = bytesOfStrings(['a', 'red', 'b', 'red', 'c', 'green'])
  counter.inputs([{ name: 'x', datatype: 'BYTES', shape: [3, 2], data }], 3, 20_000)
  expect(counter.flush(20_000)[0]?.features[0]?.counts[1]).toBe(2)
})
