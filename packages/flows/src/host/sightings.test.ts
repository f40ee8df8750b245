import { Flow } from '@skerry/contract/flows/flow'
import type { SeenValue } from '@skerry/contract/flows/flow-look'
import { expect, test } from 'vitest'
import { createSightings } from './sightings.ts'

const flowOf = (inputs: number) =>
  Flow.parse({
    name: 'watch',
    inputs: Array.from({ length: inputs }, (_, at) => ({ name: `i${at}`, source: 's', tag: 't' })),
    sinks: [{ name: 'out', kind: 'hub', from: 'i0' }],
  })
const value = (timeMs: number): SeenValue => ({ timeMs, quality: 'good', value: timeMs })

function stage(inputs = 1) {
  let nowMs = 0
  const sightings = createSightings(flowOf(inputs), () => nowMs)
  const at = (ms: number) => {
    nowMs = ms
  }
  return { sightings, at }
}

test('values are numbered, and those of the last seconds are told, the newest in any case', () => {
  const { sightings, at } = stage()
  for (const ms of [0, 1_000, 2_000]) {
    at(ms)
    sightings.see(0, value(ms))
  }
  expect(sightings.recent(0)).toEqual({ last: 3, recent: [0, 1_000, 2_000].map(value) })
  at(4_500)
  expect(sightings.recent(0)).toEqual({ last: 3, recent: [value(2_000)] })
  at(60_000)
  expect(sightings.recent(0)).toEqual({ last: 3, recent: [value(2_000)] })
  expect(sightings.recent(1)).toEqual({ last: 0, recent: [] })
})

test.each([
  ['a small flow', 1, 200, 128],
  ['a large one', 999, 200, 4],
])(
  '%s keeps so many of each part that all fit into one look, and the numbers tell what was left out',
  (_, inputs, seen, told) => {
    const { sightings } = stage(inputs)
    for (let ms = 1; ms <= seen; ms++) sightings.see(0, value(ms))
    const { last, recent } = sightings.recent(0)
    expect([last, recent.length, recent.at(-1)]).toEqual([seen, told, value(seen)])
  },
)

test('values are kept for as long as somebody looks now and then', () => {
  const { sightings, at } = stage()
  expect(sightings.isOpen).toBe(false)
  sightings.open()
  at(9_000)
  sightings.closeIfLeft()
  expect(sightings.isOpen).toBe(true)
  at(10_001)
  sightings.closeIfLeft()
  expect(sightings.isOpen).toBe(false)
})
