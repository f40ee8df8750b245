import { expect, test } from 'vitest'
import { compareAgentVersions } from './agent-order.ts'

test('versions are in the order of semantic versioning', () => {
  const ordered = [
    '0.1.0-alpha',
    '0.1.0-alpha.1',
    '0.1.0-alpha.beta',
    '0.1.0-beta',
    '0.1.0-beta.2',
    '0.1.0-beta.11',
    '0.1.0-rc.1',
    '0.1.0',
    '0.1.1',
    '0.2.0',
    '0.10.0',
    '1.0.0',
  ]
  for (const [place, one] of ordered.entries()) {
    for (const [otherPlace, other] of ordered.entries()) {
      expect(Math.sign(compareAgentVersions(one, other)), `${one} ${other}`).toBe(Math.sign(place - otherPlace))
    }
  }
})
