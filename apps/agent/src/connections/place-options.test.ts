import { expect, test } from 'vitest'
import { placeOf, placeTrouble } from './place-options.ts'

test('the operator states a clearance, a country and the cost of the line, or nothing', () => {
  expect(placeTrouble({})).toBeUndefined()
  expect(placeOf({})).toEqual({ clearance: undefined, country: undefined, metered: undefined })
  expect(placeTrouble({ clearance: 'internal', country: 'DE' })).toBeUndefined()
  expect(placeOf({ clearance: 'internal', country: 'DE' })).toMatchObject({ clearance: 'internal', country: 'DE' })
  expect(placeTrouble({ metered: 'no' })).toBeUndefined()
  expect(placeOf({ metered: 'no' }).metered).toBe(false)
  expect(placeOf({ metered: 'yes' }).metered).toBe(true)
})

test('an option that cannot be read is rejected, so that no rule is lost by a slip', () => {
  expect(placeTrouble({ clearance: 'secret' })).toContain('must be one of public')
  expect(placeTrouble({ metered: 'true' })).toBe('--metered must be yes or no, not "true"')
  for (const country of ['', 'de', 'DEU', 'EU', 'D'])
    expect(placeTrouble({ country })).toBe(
      `--country must be the two capital letters of a country such as DE, not "${country}"`,
    )
})
