import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Block, halvesOf, planReads, type ReadPlanLimits, type ReadPlanMode, type Span } from './read-plan.ts'

const MODES: ReadPlanMode[] = ['none', 'shrink', 'rearrange', 'max-insert']
const spansOf = (...pairs: [number, number][]): Span[] => pairs.map(([start, length]) => ({ start, length }))
const shape = (blocks: readonly Block[]) => blocks.map(({ start, length }) => `${start}+${length}`)

test.each<[ReadPlanMode, string[]]>([
  ['none', ['10+2', '0+2', '12+1', '2+1', '20+2']],
  ['shrink', ['10+2', '0+2', '12+1', '2+1', '20+2']],
  ['rearrange', ['0+3', '10+3', '20+2']],
  ['max-insert', ['0+13', '20+2']],
])('%s', (mode, expected) => {
  const spans = spansOf([10, 2], [0, 2], [12, 1], [2, 1], [20, 2])
  expect(shape(planReads(spans, { mode, gapMax: 7 - (mode === 'max-insert' ? 0 : 7), lengthMax: 13 }))).toEqual(
    expected,
  )
})

test('neighbours in the order given are one block where nothing may be moved', () => {
  expect(shape(planReads(spansOf([4, 2], [6, 2], [0, 4]), { mode: 'shrink', gapMax: 9, lengthMax: 99 }))).toEqual([
    '4+4',
    '0+4',
  ])
})

const spans = fc.array(fc.record({ start: fc.nat(500), length: fc.integer({ min: 1, max: 10 }) }), { maxLength: 60 })
const limits = fc.record({
  mode: fc.constantFrom(...MODES),
  gapMax: fc.nat(20),
  lengthMax: fc.integer({ min: 1, max: 60 }),
})

test('laws: each span lies whole in exactly one block, no block is too long or asks for what nobody wants at its ends', () => {
  fc.assert(
    fc.property(spans, limits, (given, limit) => {
      const blocks = planReads(given, limit)
      expect(blocks.flatMap(({ members }) => members).toSorted((a, b) => a - b)).toEqual(given.map((_, index) => index))
      for (const block of blocks) expectSound(given, block, limit)
    }),
  )
})

function expectSound(
  given: readonly Span[],
  { start, length, members }: Block,
  { mode, gapMax, lengthMax }: ReadPlanLimits,
) {
  const inside = members.flatMap((index) => given[index] ?? []).toSorted((a, b) => a.start - b.start)
  expect(length <= lengthMax || inside.length === 1).toBe(true)
  expect(Math.min(...inside.map((span) => span.start))).toBe(start)
  expect(Math.max(...inside.map((span) => span.start + span.length))).toBe(start + length)
  let end = start
  for (const span of inside) {
    expect(span.start - end).toBeLessThanOrEqual(mode === 'max-insert' ? gapMax : 0)
    end = Math.max(end, span.start + span.length)
  }
}

test('100,000 floats of a data block are read in blocks of 55, all that a small PLC answers at once', () => {
  // [S7] A PDU of 240 bytes leaves 222 bytes for data; a REAL takes four.
  const reals = Array.from({ length: 100_000 }, (_, index) => ({ start: index * 4, length: 4 }))
  const blocks = planReads(reals, { mode: 'max-insert', gapMax: 16, lengthMax: 222 })
  expect(blocks.length).toBe(Math.ceil(100_000 / 55))
})

test('the halves of a block have its members between them, and cover each whole', () => {
  const anySpan = fc.record({ start: fc.nat(1_000), length: fc.integer({ min: 1, max: 9 }) })
  fc.assert(
    fc.property(fc.array(anySpan, { minLength: 2, maxLength: 40 }), (spans) => {
      const members = spans.map((_, index) => index)
      const halves = halvesOf({ start: 0, length: 1_009, members, unit: 7 }, (member) => spans[member])
      expect(halves.flatMap((half) => half.members).toSorted((a, b) => a - b)).toEqual(members)
      for (const half of halves) {
        expect(half.unit).toBe(7)
        expect(half.members.length).toBeLessThan(spans.length)
        for (const member of half.members) {
          const { start, length } = spans[member] ?? { start: -1, length: 0 }
          expect(start).toBeGreaterThanOrEqual(half.start)
          expect(start + length).toBeLessThanOrEqual(half.start + half.length)
        }
      }
    }),
  )
})
