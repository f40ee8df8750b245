import { SiteSpec } from '@skerry/contract/sites/site'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { changesBetween, conflictsOf, draftOf, EMPTY_DRAFT, parseDraft, rebase, type SiteDraft } from './site-draft.ts'

const oslo: SiteDraft = {
  name: 'oslo',
  kind: 'edge',
  country: 'NO',
  region: 'east',
  latitude: '59.91',
  longitude: '10.75',
  clearance: 'internal',
  labels: 'line=2\nring=canary',
}
const problemsOf = (change: Partial<SiteDraft>) => {
  const parsed = parseDraft({ ...oslo, ...change })
  return parsed.ok ? undefined : parsed.problems
}

test('fields become what the contract takes, and back', () => {
  const parsed = parseDraft(oslo)
  expect(parsed).toEqual({
    ok: true,
    spec: {
      name: 'oslo',
      kind: 'edge',
      country: 'NO',
      region: 'east',
      clearance: 'internal',
      coordinates: { latitude: 59.91, longitude: 10.75 },
      labels: { line: '2', ring: 'canary' },
    },
  })
  expect(parsed.ok && draftOf(parsed.spec)).toEqual(oslo)
  expect(parseDraft({ ...EMPTY_DRAFT, name: 'bare' })).toEqual({
    ok: true,
    spec: { name: 'bare', kind: 'edge', clearance: 'internal', labels: {} },
  })
})

test.each<[Partial<SiteDraft>, Partial<SiteDraft>]>([
  [{ name: 'Oslo!' }, { name: expect.stringContaining('must be 1 to 63') }],
  [{ name: '' }, { name: expect.stringContaining('must be 1 to 63') }],
  [{ country: 'no' }, { country: 'must be two capital letters such as DE' }],
  [{ latitude: '91' }, { latitude: expect.stringContaining('90') }],
  [{ longitude: '' }, { longitude: 'give both latitude and longitude, or neither' }],
  [{ latitude: ' ' }, { latitude: 'give both latitude and longitude, or neither' }],
  [{ latitude: 'north' }, { latitude: 'must be a number of degrees, such as 53.55' }],
  [{ labels: 'line=2\nno label' }, { labels: 'not a label: no label' }],
  [{ kind: 'ship' }, { kind: expect.any(String) }],
])('what is wrong stands at its field: %j', (change, problems) => {
  expect(problemsOf(change)).toEqual(problems)
})

test('what somebody else changed is named, with ours beside it where both changed the same', () => {
  const rivals = {
    base: oslo,
    theirs: { ...oslo, region: 'south', clearance: 'restricted' },
    mine: { ...oslo, region: 'west', country: 'SE' },
  }
  expect(conflictsOf(rivals)).toEqual([
    { field: 'region', was: 'east', now: 'south', mine: 'west' },
    { field: 'clearance', was: 'internal', now: 'restricted', mine: undefined },
  ])
  expect(rebase(rivals)).toEqual({ ...oslo, region: 'west', country: 'SE', clearance: 'restricted' })
})

const draft = fc.record(
  Object.fromEntries(Object.keys(oslo).map((field) => [field, fc.constantFrom('', 'a', 'b')])) as Record<
    keyof SiteDraft,
    fc.Arbitrary<string>
  >,
)

test('a change on top of another keeps all of ours, and of theirs all that is not ours', () => {
  fc.assert(
    fc.property(draft, draft, draft, (base, theirs, mine) => {
      const result = rebase({ base, theirs, mine })
      for (const { field, after } of changesBetween(base, mine)) expect(result[field]).toBe(after)
      const ours = new Set(changesBetween(base, mine).map(({ field }) => field))
      for (const { field, after } of changesBetween(base, theirs))
        if (!ours.has(field)) expect(result[field]).toBe(after)
    }),
  )
})

test('whatever is in the fields, what is taken fits the contract', () => {
  fc.assert(
    fc.property(draft, (given) => {
      const parsed = parseDraft(given)
      if (parsed.ok) SiteSpec.parse(parsed.spec)
      else expect(Object.keys(parsed.problems).length).toBeGreaterThan(0)
    }),
  )
})
