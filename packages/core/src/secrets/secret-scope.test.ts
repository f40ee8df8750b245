import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mostSpecific } from './secret-scope.ts'

const secret = fc.record({
  name: fc.constantFrom('a', 'b', 'c'),
  site_id: fc.constantFrom(null, 'site_a'),
  device_id: fc.constantFrom(null, 'dev_a'),
})

test('each name counts once, and no secret that is more specific is passed over', () => {
  fc.assert(
    fc.property(fc.array(secret), (secrets) => {
      const counting = mostSpecific(secrets)
      expect(counting.map(({ name }) => name)).toEqual([...new Set(secrets.map(({ name }) => name))].sort())
      for (const { name, site_id, device_id } of counting) {
        const rivals = secrets.filter((each) => each.name === name)
        if (device_id === null) expect(rivals.every((each) => each.device_id === null)).toBe(true)
        if (device_id === null && site_id === null) expect(rivals.every((each) => each.site_id === null)).toBe(true)
      }
    }),
  )
})
