import { RouteSpec, type TablePlace } from '@skerry/contract/routes/route'
import { Clearance } from '@skerry/contract/values/clearance'
import type { DeviceId } from '@skerry/contract/values/ids'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isCleared } from '../places/data-class.ts'
import { isWithin } from '../places/residency.ts'
import { type Backend, begun, breakerOf, ended, newBackend } from './backend.ts'
import { chooseBackend } from './choose-backend.ts'
import { earned, fullBudget, spent } from './retry-budget.ts'
import { gatewayRefusal, judgePlaces, type ServingFact, tableRoute } from './route-table.ts'
import { routeState, routeWords, specTrouble } from './route-text.ts'

const specOf = (spec: object = {}) => RouteSpec.parse({ model: 'dose', ...spec })
const idOf = (name: string) => `dev_${name}` as DeviceId
const place = (name: string, rest: Partial<TablePlace> = {}): TablePlace => ({
  id: idOf(name),
  device: name,
  site: 'lyon',
  version: 1,
  address: 'http://10.0.0.1:8500',
  isSilent: false,
  ...rest,
})
const attempt = (rest: object = {}) => ({ nowMs: 0, tried: new Set<DeviceId>(), draw: 0, ...rest })
const nameOf = (choice: ReturnType<typeof chooseBackend>) => (choice.ok ? choice.place.device : choice.code)

const byModel = (facts: readonly ServingFact[]) => new Map([[specOf().model, facts]])

const siteFact = fc.record({
  name: fc.constantFrom('lyon', 'boston', 'hamburg'),
  kind: fc.constantFrom('edge' as const, 'cloud' as const),
  country: fc.option(fc.constantFrom('FR', 'US', 'DE'), { nil: undefined }),
  clearance: fc.constantFrom(...Clearance.options),
})
const servingFacts = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 0, max: 400 }).map((at) => idOf(`d${at}`)),
    device: fc.constantFrom('a', 'b', 'c'),
    site: siteFact,
    version: fc.integer({ min: 1, max: 3 }),
    address: fc.option(fc.constant('http://10.0.0.1:1'), { nil: undefined }),
    isSilent: fc.boolean(),
  }),
  { selector: ({ id }) => id, maxLength: 12 },
)
const specs = fc.record({
  dataClass: fc.option(fc.constantFrom(...Clearance.options), { nil: undefined }),
  residency: fc.option(fc.constantFrom(['EU'], ['US'], ['FR', 'US']), { nil: undefined }),
})

describe('the table', () => {
  test('no place and no gateway is ever where data or law forbid it', () => {
    fc.assert(
      fc.property(specs, servingFacts, fc.option(siteFact, { nil: undefined }), (rules, facts, gateway) => {
        const spec = specOf(rules)
        const mayHandle = (site: ServingFact['site'] | undefined) =>
          (spec.dataClass === undefined || (site !== undefined && isCleared(site.clearance, spec.dataClass))) &&
          (spec.residency === undefined || isWithin(site?.country, spec.residency))
        const { places, refusal, lack } = tableRoute({ name: 'dose', spec, facts: byModel(facts), gateway })
        expect(refusal === undefined).toBe(mayHandle(gateway))
        const byId = new Map(facts.map((fact) => [fact.id, fact]))
        for (const { id } of places) expect(mayHandle(byId.get(id)?.site)).toBe(true)
        if (refusal === undefined) {
          const hasRules = spec.dataClass !== undefined || spec.residency !== undefined
          const isReached = ({ address, isSilent }: ServingFact) => address !== undefined || (!hasRules && !isSilent)
          expect(places).toHaveLength(facts.filter((one) => mayHandle(one.site) && isReached(one)).length)
          expect(lack === undefined).toBe(places.length > 0)
        }
      }),
    )
  })

  test('the order of the facts does not matter', () => {
    fc.assert(
      fc.property(servingFacts, (facts) => {
        expect(judgePlaces(specOf(), facts.toReversed())).toEqual(judgePlaces(specOf(), facts))
      }),
    )
  })

  test('each excluded device has a reason', () => {
    const site = { name: 'lyon', kind: 'edge', country: 'FR', clearance: 'internal' } as const
    const fact = { id: idOf('a'), device: 'a', site, version: 1, address: 'http://10.0.0.1:1', isSilent: false }
    const verdictOf = (spec: object, change: Partial<ServingFact> = {}) =>
      judgePlaces(specOf(spec), [{ ...fact, ...change }])[0]
    expect(verdictOf({})?.verdict).toBe('open')
    expect(verdictOf({}, { isSilent: true })?.verdict).toBe('device_silent')
    expect(verdictOf({}, { address: undefined })).toMatchObject({
      verdict: 'open',
      reason: 'it serves the model, and is reached through the hub',
    })
    expect(verdictOf({}, { address: undefined, isSilent: true })?.verdict).toBe('address_missing')
    expect(verdictOf({ dataClass: 'internal' }, { address: undefined })).toMatchObject({
      verdict: 'address_missing',
      reason: expect.stringContaining('its requests would pass the hub: start its agent with --serve-address'),
    })
    expect(verdictOf({ prefer: 'order', sites: ['boston'] })?.verdict).toBe('site_excluded')
    expect(verdictOf({ dataClass: 'confidential' })?.reason).toContain('the site lyon has the clearance internal')
    expect(gatewayRefusal(specOf({ residency: ['US'] }), site)).toContain('the site lyon is in FR')
    expect(tableRoute({ name: 'x', spec: specOf(), facts: new Map(), gateway: undefined }).lack).toBe(
      'no device serves the model dose',
    )
    const many = Array.from({ length: 201 }, (_, at) => ({ ...fact, id: idOf(`d${at}`), device: `d${1_000 + at}` }))
    expect(judgePlaces(specOf(), many).at(-1)?.verdict).toBe('too_many')
    expect(tableRoute({ name: 'x', spec: specOf(), facts: byModel(many), gateway: undefined }).places).toHaveLength(200)
  })
})

describe('a device as gateway', () => {
  const site = { name: 'lyon', kind: 'edge', country: 'FR', clearance: 'confidential' } as const
  const fact: ServingFact = { id: idOf('own'), device: 'own', site, version: 1, isSilent: true }
  const spec = specOf({ dataClass: 'confidential' })

  test('its own model is a place without an address, under rules of data, and although the hub does not hear it', () => {
    const facts = byModel([fact, { ...fact, id: idOf('other'), device: 'other' }])
    const { places } = tableRoute({ name: 'dose', spec, facts, gateway: site, own: fact.id })
    expect(places.map(({ device, isSilent }) => [device, isSilent])).toEqual([['own', true]])
    expect(tableRoute({ name: 'dose', spec, facts, gateway: site }).places).toEqual([])
  })

  test('the statements of its operator exclude a device as those of its site do', () => {
    const reasonOf = (spec: object, stated: ServingFact['stated']) =>
      judgePlaces(specOf(spec), [{ ...fact, address: 'http://10.0.0.7:8500', isSilent: false, stated }])[0]?.reason
    const rules = { dataClass: 'internal', residency: [site.country] }
    expect(reasonOf(rules, { clearance: 'public' })).toBe(
      'the rule dataClass internal excludes it: its operator states the clearance public',
    )
    expect(reasonOf(rules, { country: 'JP' })).toBe(
      `the rule residency ${site.country} excludes it: its operator states that it is in JP`,
    )
    expect(reasonOf(rules, { clearance: 'restricted', country: site.country })).toBe('it serves the model')
    expect(reasonOf({}, { clearance: 'public', country: 'JP' })).toBe('it serves the model')
  })

  test('a rule of its site excludes it all the same', () => {
    const [judged] = judgePlaces(specOf({ dataClass: 'restricted' }), [fact], fact.id)
    expect(judged?.verdict).toBe('clearance_too_low')
  })
})

describe('the choice', () => {
  test('the own device comes first, then its site, then the nearest place, and an unmeasured one last', () => {
    const places = [
      place('unknown', { site: 'oslo' }),
      place('far', { site: 'boston' }),
      place('near', { site: 'paris' }),
      place('beside'),
      place('own', { isSilent: true }),
    ]
    const trips = new Map([
      [idOf('far'), 200],
      [idOf('near'), 20],
      [idOf('own'), 500],
    ])
    const order: string[] = []
    const tried = new Set<DeviceId>()
    for (const _ of places) {
      const asked = attempt({ site: 'lyon', own: idOf('own'), trips, tried })
      const choice = chooseBackend({ spec: specOf(), places, backends: new Map() }, asked)
      if (!choice.ok) throw new Error(choice.code)
      order.push(choice.place.device)
      tried.add(choice.place.id)
    }
    expect(order).toEqual(['own', 'beside', 'near', 'far', 'unknown'])
  })

  test('local places come first, and overflow goes to the others', () => {
    const spec = specOf({ concurrency: 1 })
    const places = [place('far', { site: 'boston' }), place('near')]
    const busy = new Map([[idOf('near'), begun(newBackend, 1)]])
    const choose = (backends: ReadonlyMap<DeviceId, Backend>) =>
      nameOf(chooseBackend({ spec, places, backends }, attempt({ site: 'lyon' })))
    expect(choose(new Map())).toBe('near')
    expect(choose(busy)).toBe('far')
    expect(choose(new Map([...busy, [idOf('far'), begun(newBackend, 2)]]))).toBe('full')
  })

  test('sites are used in their order, and equal places take turns', () => {
    const places = [place('a', { site: 'boston' }), place('b'), place('c')]
    const ordered = { spec: specOf({ prefer: 'order', sites: ['lyon', 'boston'] }), places, backends: new Map() }
    expect(nameOf(chooseBackend(ordered, attempt()))).toBe('b')
    expect(nameOf(chooseBackend(ordered, attempt({ tried: new Set([idOf('b'), idOf('c')]) })))).toBe('a')
    const turns: string[] = []
    let backends: ReadonlyMap<DeviceId, Backend> = new Map()
    for (let at = 1; at <= 6; at++) {
      const choice = chooseBackend({ spec: specOf({ prefer: 'least' }), places, backends }, attempt())
      if (!choice.ok) throw new Error(choice.code)
      turns.push(choice.place.device)
      const after = ended(begun(backends.get(choice.place.id) ?? newBackend, at), 'answered', specOf(), 0)
      backends = new Map([...backends, [choice.place.id, after]])
    }
    expect(turns.join('')).toBe('abcabc')
  })

  test('a split sends its share to places with the version, and to the others if there is none', () => {
    const spec = specOf({ prefer: 'least', split: { version: 2, percent: 10 } })
    const state = { spec, places: [place('old'), place('new', { version: 2 })], backends: new Map() }
    expect(nameOf(chooseBackend(state, attempt({ draw: 9.9 })))).toBe('new')
    expect(nameOf(chooseBackend(state, attempt({ draw: 10 })))).toBe('old')
    expect(nameOf(chooseBackend({ ...state, places: [place('old')] }, attempt({ draw: 0 })))).toBe('old')
  })

  test('a breaker opens after failures in a row, and lets one request try', () => {
    const spec = specOf()
    let backend: Backend = newBackend
    for (let at = 0; at < 3; at++) backend = ended(begun(backend, at), 'failed', spec, 100)
    expect(breakerOf(backend, 100)).toBe('open')
    expect(breakerOf(backend, 5_100)).toBe('half-open')
    const choose = (state: Backend, nowMs: number) =>
      nameOf(chooseBackend({ spec, places: [place('a')], backends: new Map([[idOf('a'), state]]) }, attempt({ nowMs })))
    expect(choose(backend, 200)).toBe('broken')
    expect(choose(backend, 5_100)).toBe('a')
    expect(choose(begun(backend, 9), 5_100)).toBe('broken')
    expect(breakerOf(ended(begun(backend, 9), 'failed', spec, 5_200), 5_300)).toBe('open')
    expect(breakerOf(ended(begun(backend, 9), 'answered', spec, 5_200), 5_300)).toBe('closed')
    expect(breakerOf(ended(begun(newBackend, 1), 'dropped', spec, 0), 0)).toBe('closed')
  })

  test('never an unhealthy place while a healthy one has room, never a tried one, always the same', () => {
    const backends = fc.record({
      outstanding: fc.integer({ min: 0, max: 3 }),
      chosenAt: fc.integer({ min: 0, max: 9 }),
      failures: fc.integer({ min: 0, max: 3 }),
      openUntilMs: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
    })
    const named = fc.uniqueArray(
      fc.record({
        at: fc.integer({ min: 0, max: 9 }),
        site: fc.constantFrom('lyon', 'boston'),
        version: fc.integer({ min: 1, max: 2 }),
        isSilent: fc.boolean(),
        backend: backends,
        isTried: fc.boolean(),
      }),
      { selector: ({ at }) => at, maxLength: 8 },
    )
    const specs = fc.record({
      prefer: fc.constantFrom('local', 'least'),
      concurrency: fc.integer({ min: 1, max: 3 }),
      split: fc.option(fc.constant({ version: 2, percent: 50 }), { nil: undefined }),
    })
    fc.assert(
      fc.property(named, specs, fc.integer({ min: 0, max: 99 }), (rows, rules, draw) => {
        const spec = specOf(rules)
        const places = rows.map(({ at, ...rest }) => place(`d${at}`, { ...rest }))
        const known = new Map(rows.map(({ at, backend }) => [idOf(`d${at}`), backend]))
        const tried = new Set(rows.filter(({ isTried }) => isTried).map(({ at }) => idOf(`d${at}`)))
        const asked = attempt({ nowMs: 10, tried, draw, site: 'lyon' })
        const choice = chooseBackend({ spec, places, backends: known }, asked)
        expect(chooseBackend({ spec, places: places.toReversed(), backends: known }, asked)).toEqual(choice)
        const stateOf = (id: DeviceId) => breakerOf(known.get(id) ?? newBackend, 10)
        const free = places.filter(
          ({ id }) =>
            !tried.has(id) && (known.get(id)?.outstanding ?? 0) < spec.concurrency && stateOf(id) === 'closed',
        )
        if (!choice.ok) {
          expect(free).toEqual([])
          return
        }
        const { id, isSilent } = choice.place
        expect(tried.has(id)).toBe(false)
        expect(stateOf(id)).toBe(free.length > 0 ? 'closed' : 'half-open')
        expect(known.get(id)?.outstanding ?? 0).toBeLessThan(spec.concurrency)
        if (isSilent && free.length > 0) expect(free.every((one) => one.isSilent)).toBe(true)
      }),
    )
  })
})

test('repeats never exceed the share of the requests and the first few', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 400 }), fc.integer({ min: 0, max: 100 }), (events, percent) => {
      let budget = fullBudget
      let requests = 0
      let repeats = 0
      for (const isRequest of events) {
        if (isRequest) {
          requests += 1
          budget = earned(budget, percent)
          continue
        }
        const left = spent(budget, percent)
        if (left) repeats += 1
        budget = left ?? budget
      }
      expect(repeats).toBeLessThanOrEqual(percent === 0 ? 0 : 100 + (requests * percent) / 100 + 1e-6)
    }),
  )
})

test('a route has words, contradictions are found, and its state is that of its places', () => {
  expect(routeWords(specOf({ dataClass: 'confidential', split: { version: 2, percent: 5 }, attempts: 1 }))).toBe(
    'local places first, 1 attempt, data class confidential, 5 % to version 2',
  )
  expect(specTrouble(specOf({ prefer: 'order' }))).toBe('the preference order needs sites')
  expect(specTrouble(specOf({ sites: ['lyon'] }))).toContain('need the preference order')
  expect(specTrouble(specOf())).toBeUndefined()
  const gateway = { gateway: 'g', seenAtMs: 0, isFresh: true, overloaded: 0, unanswered: 0, retried: 0 }
  const at = (state: 'closed' | 'open') => ({
    id: idOf('a'),
    device: 'a',
    site: 'lyon',
    kind: 'edge' as const,
    version: 1,
    reason: '',
    verdict: 'open' as const,
    traffic: [{ gateway: 'g', state, outstanding: 0, perSecond: 0, failed: 0 }],
  })
  expect(routeState({ spec: {}, places: [at('closed')], gateways: [] })).toBe('idle')
  expect(routeState({ spec: {}, places: [at('closed')], gateways: [gateway] })).toBe('serving')
  expect(routeState({ spec: {}, places: [at('closed'), at('open')], gateways: [gateway] })).toBe('limited')
  expect(routeState({ spec: {}, places: [at('open')], gateways: [gateway] })).toBe('down')
  expect(routeState({ spec: {}, places: [], gateways: [{ ...gateway, isFresh: false }] })).toBe('idle')
})
