import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rebaseLabels } from './label-merge.ts'

const labels = fc.dictionary(fc.constantFrom('line', 'ring', 'team'), fc.constantFrom('1', '2'), {
  noNullPrototype: true,
})

test('if only one side changed labels, the merge takes that side', () => {
  fc.assert(
    fc.property(labels, labels, (base, other) => {
      expect(rebaseLabels({ base, mine: base, theirs: other })).toEqual(other)
      expect(rebaseLabels({ base, mine: other, theirs: base })).toEqual(other)
    }),
  )
})

test('for each key, the merge keeps my change and otherwise takes the other side', () => {
  fc.assert(
    fc.property(labels, labels, labels, (base, mine, theirs) => {
      const merged = rebaseLabels({ base, mine, theirs })
      for (const key of ['line', 'ring', 'team']) {
        expect(merged[key]).toBe(mine[key] === base[key] ? theirs[key] : mine[key])
      }
    }),
  )
})
