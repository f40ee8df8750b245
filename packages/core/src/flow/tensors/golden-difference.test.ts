import { expect, test } from 'vitest'
import { goldenDifferences } from './golden-difference.ts'

const TOLERANCE = { absolute: 0.01, relative: 0 }
const output = (value: string) => ({ sink: 'found', timeMs: 1, quality: 'good', value }) as const
const cat = (more: object = {}) =>
  JSON.stringify([{ class: 'cat', score: 0.9, x: 1, y: 2, width: 3, height: 4, ...more }])
const isSame = (a: string, b: string) =>
  goldenDifferences({ tolerance: TOLERANCE, outputs: [output(a)] }, [output(b)]).length === 0

test('the numbers of detections are compared within the tolerance, their classes and count exactly', () => {
  expect(isSame(cat(), cat({ score: 0.905, x: 1.009 }))).toBe(true)
  for (const other of [cat({ x: 1.02 }), cat({ class: 'dog' }), cat({ more: 1 }), '[]', '[{', 'cat'])
    expect(isSame(cat(), other)).toBe(false)
  expect(isSame('on', 'off')).toBe(false)
})
