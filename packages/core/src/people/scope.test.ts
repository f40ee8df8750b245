import { law, rounds } from '@skerry/testkit/tier'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileSelector } from '../selectors/selector.ts'
import { compileScope, isWithin, narrowed, type ScopeFacts } from './scope.ts'

const factsOf = (device: Partial<ScopeFacts['device']>, site: Partial<ScopeFacts['site']> = {}): ScopeFacts => ({
  device: { id: 'dev_aaaaaaaa', name: 'press-1', labels: {}, ...device },
  site: { name: 'oslo', kind: 'edge', country: 'NO', labels: {}, clearance: 'internal', ...site },
})

function scopeOf(text: string) {
  const scope = compileScope(text)
  if (!scope.ok) throw new Error(scope.message)
  return scope
}

test('a scope holds devices by what people say of them and of their sites', () => {
  const { holds } = scopeOf('site.country == "NO" && device.labels.line == "a"')
  expect(holds(factsOf({ labels: { line: 'a' } }))).toBe(true)
  expect(holds(factsOf({ labels: { line: 'b' } }))).toBe(false)
  expect(holds(factsOf({}))).toBe(false)
  expect(holds(factsOf({ labels: { line: 'a' } }, { country: 'SE' }))).toBe(false)
})

test.each([
  'device.online',
  'device.memoryMb > 4',
  'device.arch == "x64"',
  'device.status == "active"',
  'site.city == "a"',
  '1',
])('what a device says of itself, and what is no condition, is no scope: %s', (text) =>
  expect(compileScope(text)).toMatchObject({ ok: false, code: 'selector_invalid' }),
)

test('a site lies in a scope by itself where the scope asks nothing of devices', () => {
  expect(scopeOf('site.country == "NO"').holdsSite(factsOf({}).site)).toBe(true)
  expect(scopeOf('site.country == "SE"').holdsSite(factsOf({}).site)).toBe(false)
  // True of a device that is none: that says nothing of the site.
  expect(scopeOf('device.labels.line != "a"').holdsSite(factsOf({}).site)).toBe(false)
})

test.each([
  ['site.country == "NO"', 'site.country == "NO"', true],
  ['device.labels.line == "a" && (site.country == "NO")', 'site.country == "NO"', true],
  ['((site.country == "NO") && true) && device.name != "x"', '(site.country == "NO")', true],
  ['site.country == "NO" || true', 'site.country == "NO"', false],
  ['site.country == "NO" ? true : true', 'site.country == "NO"', false],
  ['true', 'site.country == "NO"', false],
  ['device.name == "site.country == \\"NO\\""', 'site.country == "NO"', false],
  ['!(site.country == "NO")', 'site.country == "NO"', false],
  ['(site.name == "a" || site.name == "b") && device.name != "x"', 'site.name == "a" || site.name == "b"', true],
  ['site.name == "a"', 'site.name == "a" || site.name == "b"', false],
  ['true && site.country == "NO" // && x', 'site.country == "NO"', false],
])('%s within %s: %s', (selector, scope, expected) => {
  expect(isWithin(selector, scope)).toBe(expected)
})

test('whatever is within a scope picks nothing outside of it', law, () => {
  const condition = fc.constantFrom(
    'site.country == "NO"',
    'device.labels.line == "a"',
    'site.name != "oslo"',
    'true',
    '!(site.kind == "edge")',
  )
  const text: fc.Arbitrary<string> = fc.letrec<{ text: string }>((tie) => ({
    text: fc.oneof(
      { depthSize: 'small' },
      condition,
      fc
        .tuple(tie('text'), fc.constantFrom('&&', '||'), tie('text'))
        .map(([left, sign, right]) => `${left} ${sign} ${right}`),
      tie('text').map((inner) => `(${inner})`),
      tie('text').map((inner) => `!(${inner})`),
    ),
  })).text
  const facts = fc
    .record({
      country: fc.constantFrom('NO', 'SE', undefined),
      name: fc.constantFrom('oslo', 'bergen'),
      line: fc.constantFrom('a', 'b'),
    })
    .map(({ line, ...site }) => factsOf({ labels: { line } }, site))
  fc.assert(
    fc.property(text, text, fc.array(facts, { minLength: 1, maxLength: 6 }), (selector, scope, all) => {
      const compiled = compileSelector(selector)
      if (!compiled.ok) return
      const { holds } = scopeOf(scope)
      expect(isWithin(narrowed(selector, scope), scope)).toBe(true)
      if (!isWithin(selector, scope)) return
      for (const each of all) {
        const rest = { capabilities: [], status: 'active' as const, online: true }
        if (compiled.matches({ ...each, device: { ...each.device, ...rest } })) expect(holds(each)).toBe(true)
      }
    }),
    { numRuns: rounds({ quick: 150, deep: 500 }) },
  )
})
