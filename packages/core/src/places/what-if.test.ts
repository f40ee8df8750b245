import { Placement, WhatIf } from '@skerry/contract/places/placement'
import type { DeviceId } from '@skerry/contract/values/ids'
import { expect, test } from 'vitest'
import { type PlaceCandidate, type PlaceFacts, place } from './place.ts'
import { changeWorld, newDeviceOfClass } from './what-if.ts'

const device = (name: string, site: Partial<PlaceCandidate['site']>, rest: Partial<PlaceCandidate> = {}) => ({
  id: `dev_${name}` as DeviceId,
  name,
  silentSeconds: 0,
  load: 0,
  ...rest,
  site: { name: 'plant', kind: 'edge', country: 'DE', clearance: 'internal', ...site } as const,
})

const facts: PlaceFacts = {
  candidates: [
    device('a', { name: 'lyon', country: 'FR' }, { hardwareClass: 'x64-vnni-4c', load: 3, silentSeconds: 900 }),
    device('b', { name: 'bern', country: 'CH' }, { hardwareClass: 'x64-avx2-8c' }),
    device('c', { name: 'lyon', country: 'FR' }, { hardwareClass: 'x64-vnni-8c' }),
  ],
  current: [],
  recentMoves: 0,
}

const policy = Placement.parse({ dataClass: 'internal', residency: ['EU'] })

function pickedAfter(change: object, given = policy, newDevice?: Omit<PlaceCandidate, 'id' | 'name'>) {
  const then = changeWorld({ policy: given, facts, newDevice }, WhatIf.parse(change))
  const { candidates } = place(then.policy, then.facts)
  return candidates.filter(({ verdict }) => verdict === 'picked').map(({ candidate }) => candidate.name)
}

test('a change of the class of the data, or of the clearance or country of a site, moves replicas', () => {
  expect(pickedAfter({ ofSite: 'rome', country: 'IT' })).toEqual(['a', 'c'])
  expect(pickedAfter({ dataClass: 'confidential' })).toEqual([])
  expect(pickedAfter({ ofSite: 'lyon', clearance: 'public' })).toEqual([])
  expect(pickedAfter({ ofSite: 'lyon', country: 'US' })).toEqual([])
  expect(pickedAfter({ ofSite: 'bern', country: 'AT' })).toEqual(['a', 'b', 'c'])
  const strict = Placement.parse({ dataClass: 'confidential' })
  expect(pickedAfter({ ofSite: 'bern', clearance: 'restricted' }, strict)).toEqual(['b'])
})

test('further devices of a class are as the first device of the class, idle and connected', () => {
  const like = newDeviceOfClass(facts, 'x64-vnni')
  expect(like).toMatchObject({ site: { name: 'lyon' }, load: 0, silentSeconds: 0 })
  expect(like).not.toHaveProperty('name')
  expect(pickedAfter({ addDevices: 2, hardwareClass: 'x64-vnni' }, policy, like)).toEqual(['a', 'c', 'new-1', 'new-2'])
  expect(newDeviceOfClass(facts, 'x64-avx2-8c')?.site.name).toBe('bern')
  // A part of a word is no class.
  expect(newDeviceOfClass(facts, 'x64-vn')).toBeUndefined()
  expect(newDeviceOfClass(facts, 'arm64')).toBeUndefined()
})
