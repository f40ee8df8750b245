import { expect, test } from 'vitest'
import type { Style } from '../../../program/terminal/style.ts'
import { splitText, splitView } from './split-view.ts'

const plain = (text: string) => text
const style: Style = { bold: plain, dim: plain, red: plain, green: plain, yellow: plain }

const stage = (measuredUs: number, transferUs: number) => ({
  nodeCount: 1,
  sizeBytes: 10,
  measuredUs,
  transferUs,
  inputs: [],
  outputs: [],
})

const textOf = (...stages: ReturnType<typeof stage>[]) => {
  const result = { wholeUs: 1_000, nodeCount: 2, isOnZeros: false, results: [], stages, fault: undefined }
  return splitText(splitView({ title: 'm:1', network: 100, result, names: ['a', 'b'] }), undefined, style)
}

test('a pipeline that is slower than the whole model has a warning with the reason', () => {
  expect(textOf(stage(500, 3_000), stage(500, 0))).toMatch(
    /slower than the whole model: 0\.29 ×.*transfers take longer/,
  )
  expect(textOf(stage(1_500, 0), stage(500, 0))).toMatch(/slower than the whole model: 0\.67 ×.*Try fewer stages/)
  expect(textOf(stage(500, 10), stage(500, 0))).not.toContain('warning')
})
