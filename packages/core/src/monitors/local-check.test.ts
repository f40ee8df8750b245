import type { Watch } from '@skerry/contract/held/monitors'
import { MonitorSpec } from '@skerry/contract/monitors/monitor'
import { expect, test } from 'vitest'
import { countsOf } from './bins.ts'
import { movedFeatures, movedText } from './local-check.ts'
import { profileOf } from './profile.ts'

const values = (count: number, shift = 0) =>
  Array.from({ length: count }, (_, at) => ((at * 0.618_033_988_7) % 1) + shift)

const { edges, counts, missing, moments, form } = profileOf({ feature: 'x', side: 'input', tensor: 'x' }, values(2_000))
const { drift, missing: missingLimits, rowsMin, significance } = MonitorSpec.parse({ model: 'm' })
const watch: Watch = {
  model: 'm',
  version: 2,
  profile: `sha256:${'0'.repeat(64)}` as Watch['profile'],
  windowMs: 10_000,
  check: { drift, missing: missingLimits, rowsMin, significance, failsProbation: true },
  features: [
    {
      feature: 'x',
      side: 'input',
      tensor: 'x',
      edges,
      form,
      reference: { counts, missing, ...(moments && { moments }) },
    },
  ],
}
const moved = (all: readonly number[], of: Watch = watch) => movedFeatures(of, [countsOf(edges, all)])

test('a device finds drift, missing values and a stuck sensor by itself, and no difference of chance', () => {
  expect(moved(values(600))).toEqual([])
  expect(moved(values(600, 0.5))).toEqual([{ feature: 'x', findings: ['drift'] }])
  expect(moved(values(600).map((value, at) => (at % 10 === 0 ? Number.NaN : value)))[0]?.findings).toEqual(['missing'])
  expect(moved(values(600).map(() => 0.3))[0]?.findings).toContain('stuck')
  expect(movedText(moved(values(600, 0.5)))).toBe('x (drift)')
})

test('too few rows, and a watch of an older hub, give no finding', () => {
  expect(moved(values(499, 9))).toEqual([])
  const { check: _, ...old } = watch
  expect(moved(values(600, 0.5), old)).toEqual([])
})
