import type { OrganisationId } from '@skerry/contract/values/ids'
import { expect, test } from 'vitest'
import { createWatchPlaces, type Watcher } from './watch-places.ts'

const watcher = (number: number, more: Partial<Watcher> = {}): Watcher => ({
  callerId: `key_${number}`,
  source: `10.0.${number >> 8}.${number & 255}`,
  organisationId: 'org_a' as OrganisationId,
  ...more,
})

test('one caller has 32 streams, and one that ends makes room for another', () => {
  const places = createWatchPlaces()
  const take = () => places.take(watcher(1))
  const taken = Array.from({ length: 32 }, take)
  expect(taken.every(({ ok }) => ok)).toBe(true)
  expect(take()).toEqual({ ok: false, bound: 'caller', max: 32 })
  const [first] = taken
  if (first?.ok) first.place[Symbol.dispose]()
  expect(take()).toMatchObject({ ok: true })
  expect(take()).toMatchObject({ bound: 'caller' })
})

test('one address has 256 of an organisation, whatever keys it shows; another organisation behind it has its own', () => {
  const places = createWatchPlaces()
  const take = (number: number) => places.take(watcher(number, { source: '10.0.0.1' }))
  for (let number = 0; number < 256; number++) expect(take(number)).toMatchObject({ ok: true })
  expect(take(256)).toEqual({ ok: false, bound: 'address', max: 256 })
  const other = watcher(257, { source: '10.0.0.1', organisationId: 'org_b' as OrganisationId })
  expect(places.take(other)).toMatchObject({ ok: true })
})

test('an organisation has at most half of what the others leave, from however many addresses', () => {
  const places = createWatchPlaces()
  const fill = (organisation: string) => {
    const organisationId = organisation as OrganisationId
    for (let number = 0; ; number++) {
      const name = `${organisation}${number}`
      const taken = places.take({ callerId: name, source: name, organisationId })
      if (!taken.ok) return { count: number, bound: taken.bound }
    }
  }
  expect(fill('org_a')).toEqual({ count: 500, bound: 'organisation' })
  expect(fill('org_b')).toEqual({ count: 250, bound: 'organisation' })
  expect(fill('org_c').count).toBe(125)
})
