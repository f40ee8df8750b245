/** Planted faults: the faults of sensors, added to normal rows, so that detectors can be judged without real faults. */
import { type TagRows, windowEnds } from './windows.ts'

export const FAULT_KINDS = ['stuck', 'spike', 'drift', 'shift', 'swap'] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

/** In spreads of the tag: as far as a loose contact jumps, and as far as a drift has come at the end of its window. */
const SPIKE = 8
const DRIFT = 4
/** A drift that has ended: a sensor that measures wrongly all the time. An alarm must last as long as its fault. */
const SHIFT = DRIFT

export type PlantedCase = {
  kind: FaultKind
  /** The tags that the fault is on; two for a swap. */
  tags: readonly number[]
  rows: TagRows
  /** The same rows without the fault. */
  clean: TagRows
}

type Planting = { samples: number; scale: Float64Array; casesMax: number; chance: () => number }

/** Cases on segments of two windows each. The fault is in the second one; a shift is in both. */
export function plantFaults(rows: TagRows, { samples, scale, casesMax, chance }: Planting): PlantedCase[] {
  const whole = windowEnds(rows, 2 * samples)
  if (whole.length === 0) return []
  const cases: PlantedCase[] = []
  const tags = rows.tags.length
  for (let at = 0; cases.length < casesMax; at += 1) {
    const kind = FAULT_KINDS[at % FAULT_KINDS.length] ?? 'spike'
    const tag = Math.floor(at / FAULT_KINDS.length) % tags
    const end = whole[Math.floor(chance() * whole.length)] ?? 0
    const first = end - 2 * samples + 1
    const clean = cut(rows, first, 2 * samples)
    const other = (tag + 1 + Math.floor(chance() * (tags - 1))) % tags
    if (kind === 'swap' && tags === 1) continue
    const planted = cut(rows, first, 2 * samples)
    plantOne(planted, { kind, tag, other, samples, by: (chance() < 0.5 ? -1 : 1) * (scale[tag] ?? 1) })
    cases.push({ kind, tags: kind === 'swap' ? [tag, other] : [tag], rows: planted, clean })
  }
  return cases
}

const cut = ({ tags, values }: TagRows, first: number, rows: number): TagRows => ({
  tags,
  values: values.slice(first * tags.length, (first + rows) * tags.length),
  rows,
})

type OneFault = { kind: FaultKind; tag: number; other: number; samples: number; by: number }

function plantOne({ tags, values, rows }: TagRows, { kind, tag, other, samples, by }: OneFault): void {
  const width = tags.length
  const held = values[(samples - 1) * width + tag] ?? 0
  for (let row = kind === 'shift' ? 0 : samples; row < rows; row += 1) {
    const at = row * width + tag
    const value = values[at] ?? 0
    switch (kind) {
      case 'stuck':
        values[at] = held
        break
      case 'spike':
        if (row === rows - 1) values[at] = value + SPIKE * by
        break
      case 'drift':
        values[at] = value + (DRIFT * by * (row - samples + 1)) / samples
        break
      case 'shift':
        values[at] = value + SHIFT * by
        break
      case 'swap':
        values[at] = values[row * width + other] ?? 0
        values[row * width + other] = value
        break
    }
  }
}
