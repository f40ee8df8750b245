import { writeSync } from 'node:fs'
import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import { expect, test } from 'vitest'
import { markOf, openRunMarks, type RunMarks } from './run-marks.ts'
import { crashOf, type RunnerSlot, takeCell } from './runner-slot.ts'

const [one, two, apart] = [1, 2, 3].map((version) => buildDesiredItem({ name: `m${version}`, version })) as [
  RunnerSlot['item'],
  RunnerSlot['item'],
  RunnerSlot['item'],
]
const slotOf = (item: RunnerSlot['item'], cell: number | undefined): RunnerSlot => ({
  name: item.name,
  cell,
  item,
  pulse: { slot: item.name, stats: { requests: 0, failures: 0 } },
})
const end = { kind: 'crashed' as const, message: 'SIGFPE' }

function marksOf(): RunMarks {
  const marks = openRunMarks()
  if (!marks) throw new Error('no folder takes the marks')
  return marks
}

/** As the third instance of the slot sets it while it runs. */
const set = ({ descriptor }: RunMarks, cell: number) =>
  writeSync(descriptor, Uint8Array.of(1), 0, 1, markOf(cell).position + 2)

test('a crash of the runner is told of what was in it, and not of what runs in another process', () => {
  using marks = marksOf()
  set(marks, 1)
  const slots = [slotOf(one, 0), slotOf(two, 1), slotOf(apart, undefined)]
  expect(crashOf({ slots, marks }, end)).toEqual({ ...end, running: [two], loaded: [one, two] })
})

test('a cell that is given anew says nothing of the session before, and the others keep their marks', () => {
  using marks = marksOf()
  for (const cell of [0, 1, 2]) set(marks, cell)
  const held = { slots: [slotOf(one, 0), slotOf(two, 2), slotOf(apart, undefined)], marks }
  expect(takeCell(held)).toBe(1)
  expect([0, 1, 2].map((cell) => marks.isSet(cell))).toEqual([true, false, true])
})
