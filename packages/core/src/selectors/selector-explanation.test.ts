import { law, rounds } from '@skerry/testkit/tier'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileSelector, type SelectorFacts } from './selector.ts'
import { explainSelector } from './selector-explanation.ts'

const factsOf = (labels: Record<string, string> = {}): SelectorFacts => ({
  device: { id: 'dev_b', name: 'press-12', labels, capabilities: ['onnx'], status: 'active', online: true, cpus: 4 },
  site: { name: 'plant', kind: 'edge', country: 'FR', labels: {}, clearance: 'internal' },
})

const explain = (text: string, facts = factsOf()) => {
  const explained = explainSelector(text)
  if (!explained.ok) throw new Error(explained.message)
  return explained.explain(facts)
}
const countable = (text: string, facts: SelectorFacts) => {
  const explained = explainSelector(text)
  return explained.ok ? explained.unmet(facts) : undefined
}
const unmet = (text: string, facts = factsOf()) => explain(text, facts).map(({ condition }) => condition)

test.each<[string, string[]]>([
  ['site.country == "FR"', []],
  ['site.country == "DE"', ['site.country == "DE"']],
  ['site.kind == "edge" && site.country == "DE" && device.cpus > 8', ['site.country == "DE"', 'device.cpus > 8']],
  ['site.country == "DE" || device.cpus > 8', ['site.country == "DE"', 'device.cpus > 8']],
  ['site.country == "DE" || site.kind == "edge" && device.cpus > 8', ['site.country == "DE"', 'device.cpus > 8']],
  ['site.kind == "edge" && (site.country == "DE" || device.cpus > 8)', ['site.country == "DE"', 'device.cpus > 8']],
  ['!(site.kind == "edge" && device.online)', ['!(site.kind == "edge" && device.online)']],
  ['!!(site.kind == "cloud")', ['!!(site.kind == "cloud")']],
  ['!has(site.country) && device.online', ['!has(site.country)']],
  ['site.kind == "cloud" ? true : device.cpus > 8 && true', ['site.kind == "cloud" ? true : device.cpus > 8 && true']],
  ['device.name == "a && b" && device.online', ['device.name == "a && b"']],
  ["device.name == 'it\\'s || (' && device.online", ["device.name == 'it\\'s || ('"]],
  ['device.name == r"\\" && site.kind == "cloud"', ['device.name == r"\\" && site.kind == "cloud"']],
  [
    'site.kind == "cloud" // && a comment\n && device.online',
    ['site.kind == "cloud" // && a comment\n && device.online'],
  ],
  ['(site.kind == "cloud") && (device.online)', ['site.kind == "cloud"']],
  ['[site.kind == "cloud" || false][0] && device.online', ['[site.kind == "cloud" || false][0]']],
])('%s', (text, conditions) => {
  expect(unmet(text)).toEqual(conditions)
})

test('says what the device has instead, and what failed', () => {
  const [country, rack, label] = explain(
    'site.country == "DE" && int(device.labels.rack) == 7 && device.labels["team/owner"].startsWith("a") && device.online',
    factsOf({ rack: 'x' }),
  )
  expect(country).toEqual({ condition: 'site.country == "DE"', found: 'site.country is FR' })
  expect(rack).toMatchObject({ found: 'device.labels.rack is x', problem: 'Cannot convert x to a BigInt' })
  expect(label?.found).toBe('device.labels.team/owner is not there')
  expect(explain('"gpu" in device.capabilities')[0]?.found).toBe('device.capabilities is onnx')
  expect(explain('"line" in device.labels')[0]?.found).toBe('device.labels has nothing')
  expect(explain('device.labels.line.endsWith("x")', factsOf({ line: 'a' }))[0]?.found).toBe('device.labels.line is a')
})

test('what is no selector is refused as by the selector itself', () => {
  expect(explainSelector('site.city == "a"')).toEqual(compileSelector('site.city == "a"'))
})

test('a text of very many conditions is one', () => {
  const text = `device.cpus == 9${' || device.cpus == 9'.repeat(40)}`
  expect(unmet(text)).toEqual([text])
  const nested = `${'('.repeat(60)}device.cpus == 9${')'.repeat(60)}`
  expect(explain(nested)).toHaveLength(1)
})

/** Conditions of which some fail on some devices: `int` of what is no number. */
const condition = fc.oneof(
  fc
    .tuple(fc.constantFrom('line', 'rack'), fc.constantFrom('==', '!='), fc.constantFrom('a', 'b', '&& ||', '1'))
    .map(([key, operator, value]) => `device.labels.${key} ${operator} "${value}"`),
  fc.constantFrom(
    'int(device.labels.rack) == 1',
    'has(device.labels.line)',
    '!has(device.labels.rack)',
    'true',
    'false',
  ),
)
const { text: anyText } = fc.letrec<{ text: string }>((tie) => ({
  text: fc.oneof(
    { maxDepth: 4 },
    condition,
    tie('text').map((part) => `!(${part})`),
    fc
      .tuple(tie('text'), fc.constantFrom('&&', '||'), tie('text'), fc.boolean())
      .map(([left, operator, right, isBare]) =>
        isBare ? `${left} ${operator} ${right}` : `(${left})${operator}(${right})`,
      ),
    fc.tuple(tie('text'), tie('text'), tie('text')).map(([a, b, c]) => `((${a}) ? (${b}) : (${c}))`),
  ),
}))
const anyLabels = fc.record(
  { line: fc.constantFrom('a', 'b'), rack: fc.constantFrom('1', 'a', '&& ||') },
  { requiredKeys: [] },
)

test('an explanation agrees with the selector, and every condition that it names is not true by itself', law, () => {
  fc.assert(
    fc.property(anyText, anyLabels, (text, labels) => {
      const facts = factsOf(labels)
      const selector = compileSelector(text)
      if (!selector.ok) throw new Error(selector.message)
      const found = explain(text, facts)
      expect(countable(text, facts)).toEqual(found.map(({ condition }) => condition))
      expect(found.length === 0).toBe(selector.matches(facts))
      for (const one of found) {
        const alone = compileSelector(one.condition)
        expect(alone.ok && alone.matches(facts), `${text}: ${one.condition}`).toBe(false)
      }
    }),
    { numRuns: rounds({ quick: 100, deep: 500 }) },
  )
})

test('were the named conditions true, the device would be picked', () => {
  const { text: positive } = fc.letrec<{ text: string }>((tie) => ({
    text: fc.oneof(
      { maxDepth: 3 },
      condition,
      fc
        .tuple(tie('text'), fc.constantFrom('&&', '||'), tie('text'))
        .map(([a, operator, b]) => `(${a}) ${operator} (${b})`),
    ),
  }))
  fc.assert(
    fc.property(positive, anyLabels, (text, labels) => {
      const facts = factsOf(labels)
      const named = new Set(unmet(text, facts))
      let mended = text
      for (const one of named) mended = mended.split(`(${one})`).join('(true)')
      if (named.has(mended)) mended = 'true'
      const selector = compileSelector(mended)
      expect(selector.ok && selector.matches(facts), `${text} mended as ${mended}`).toBe(true)
    }),
  )
})
