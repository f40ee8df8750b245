import { deep } from '@skerry/testkit/tier'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileSelector, type SelectorFacts, type SelectorVerdict } from './selector.ts'

type Labels = Record<string, string>

const factsOf = (labels: Labels = {}, site: Partial<SelectorFacts['site']> = {}): SelectorFacts => ({
  device: { id: 'dev_b', name: 'press-12', labels, capabilities: ['onnx'], status: 'active', online: true, cpus: 4 },
  site: { name: 'plant', kind: 'edge', labels: {}, clearance: 'confidential', ...site },
})

const judge = (text: string, facts = factsOf()): SelectorVerdict => {
  const selector = compileSelector(text)
  if (!selector.ok) throw new Error(selector.message)
  expect(selector.matches(facts)).toBe(selector.judge(facts).matches)
  return selector.judge(facts)
}
const matches = (text: string, facts = factsOf()) => {
  expect(judge(text, facts).problem).toBeUndefined()
  return judge(text, facts).matches
}
const refusal = (text: string) => {
  const selector = compileSelector(text)
  return selector.ok ? 'compiled' : `${selector.code}: ${selector.message}`
}

test.each([
  // text, on a device with line a and rack 7, on one without labels
  ['device.labels.line == "a"', true, false],
  ['!(device.labels.line == "a")', false, true],
  ['device.labels.line != "a"', false, true],
  ['device.labels.line == null', false, true],
  ['has(device.labels.line)', true, false],
  ['!has(device.labels.line)', false, true],
  ['"line" in device.labels', true, false],
  ['device.labels["line"] in ["a", "b"]', true, false],
  ['device.labels.line < "b"', true, false],
  ['!(device.labels.line >= "b")', true, true],
  ['device.labels.line.startsWith("a") || device.labels.line.endsWith("b")', true, false],
  ['"abc".contains(device.labels.line)', true, false],
  ['device.labels.line.matches("^[a-c]$")', true, false],
  ['int(device.labels.rack) >= 7 && double(device.labels.rack) < 7.5', true, false],
  ['size(device.labels.line) == 1 && device.labels.line.size() == 1', true, false],
  ['device.labels.exists(key, key == "line" && device.labels[key] == "a")', true, false],
  ['device.labels.line.deeper == "a"', false, false],
  ['"a" in device.labels.line', false, false],
  ['device.labels.line in device.labels', false, false],
])('a missing label is null in %s', (text, withLabels, without) => {
  const labelled = factsOf({ line: 'a', rack: '7' })
  expect([judge(text, labelled).matches, matches(text)]).toEqual([withLabels, without])
})

test.each([
  ['device.name == "press-12" && device.id.startsWith("dev_") && device.status == "active" && device.online', true],
  ['device.cpus > 2 && device.cpus % 2 == 0 && device.cpus >= 3.5', true],
  ['device.memoryMb >= 1024 || device.arch == "arm64" || device.os == "linux" || has(device.arch)', false],
  ['"onnx" in device.capabilities && device.capabilities[0] == "onnx" && device.capabilities[1] != "container"', true],
  ['device.capabilities.all(capability, capability in ["onnx", "container"])', true],
  ['site.kind == "edge" && site.name == "plant" && !has(site.country) && site.region != "north"', true],
  ['site.clearance in ["internal", "confidential"]', true],
  ['site.clearance >= "internal" && "public" < site.clearance && site.clearance < "restricted"', true],
  ['site.clearance > "confidential"', false],
  ['device.online ? site.kind == "edge" : false', true],
  ['true', true],
])('%s gives %s', (text, expected) => {
  expect(matches(text)).toBe(expected)
})

test.each([
  ['device.name = "press"', '; compare with =='],
  ['1 +', '<input>:1:3: found + but expecting end of input'],
  ['device.lable.line == "a"', 'device has no lable; it has id, name, labels'],
  ['has(site.city)', 'site has no city; it has name, kind, country'],
  ['devices.name == "a"', 'there is no devices in a selector; write device.FIELD or site.FIELD'],
  ['device.cpus', 'it returns int, not true or false'],
  ['device', 'it returns map, not true or false'],
  ['device.labels.flag', 'it returns null_type, not true or false'],
  ['true || device.name', 'it returns string, not true or false'],
  ['device.online ? true : 1', 'it returns int, not true or false'],
  ['device.cpus > "4"', "found no matching overload for '_>_' applied to '(int, string)'"],
  ['fancy(device.name)', 'unbound function: fancy'],
  ['site.clearance >= "secret"', 'secret is not a clearance; use one of public, internal, confidential, restricted'],
  ['device.name.matches(device.labels.pattern)', 'matches() needs a pattern in quotes'],
  ['device.name.matches("(")', 'error parsing regexp: missing closing )'],
  ['{"a": true}.a', 'a selector cannot create maps'],
  ['device.labels.all(x, device.capabilities.all(y, x == y))', 'cannot be nested'],
  [
    'device.capabilities.map(x, x + x).map(x, x + x).size() == 1',
    'work on device.labels, device.facts, site.labels or device',
  ],
  ['[1, 2, 3].all(x, x == 1)', 'work on device.labels, device.facts, site.labels or device.capabilities'],
  [`device.labels.exists(x, ${'x=="a"||'.repeat(30)}true)`, 'it takes too long on every device'],
  ['device.name.matches("((a{0,30}){0,30}){0,30}")', 'it takes too long on every device'],
  ['device.name.matches("(a{30}){1000,}")', 'it takes too long on every device'],
  // Their cost is that of the text which they go over, as long as labels can be.
  [`device.labels.l.matches("${'a?'.repeat(600)}b")`, 'it takes too long on every device'],
  [`${'device.name.matches("(a|b)+c")||'.repeat(60)}true`, 'it takes too long on every device'],
  [`device.labels.all(k, (${'k+'.repeat(15)}k).contains(k+k+k+k+k+"b"))`, 'it takes too long on every device'],
  [`device.labels.all(k, device.labels[k].matches("a+b"))`, 'it takes too long on every device'],
  ['device.name.matches(1)', 'matches() needs a pattern in quotes'],
  [`${'('.repeat(990)}true${')'.repeat(990)}`, 'it is nested too deeply'],
])('the selector %s is rejected', (text, problem) => {
  expect(refusal(text)).toContain('selector_invalid: not a selector over device and site: ')
  expect(refusal(text)).toContain(problem)
})

test('an expression that fails on a device is false only there, with a reason', () => {
  const text = 'int(device.labels.rack) == 7'
  expect(judge(text, factsOf({ rack: '7' }))).toEqual({ matches: true })
  expect(judge(text, factsOf({ rack: 'x' }))).toEqual({ matches: false, problem: 'Cannot convert x to a BigInt' })
  const sometimesText = 'has(device.labels.a) ? device.labels.a == "a" : true'
  expect(matches(sometimesText)).toBe(true)
  expect(judge('[device.labels.a == "a"][0] ? true : false')).toEqual({ matches: false })
})

test('the longest selectors compile and evaluate', () => {
  expect(matches(`${'!'.repeat(1996)}true`)).toBe(true)
  expect(matches(`${'device.cpus==9||'.repeat(124)}true`)).toBe(true)
  expect(matches(`device.capabilities.all(x, ${'x=="a"||'.repeat(15)}x=="onnx")`)).toBe(true)
  expect(matches(`device.name in [${'"a",'.repeat(450)}"press-12"]`)).toBe(true)
  expect(matches('"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab".matches("^(a+)+$")')).toBe(false)
})

/**
 * Labels of the greatest number and length that there can be, made to keep a search and a pattern busy to their ends.
 */
const BUSY = factsOf(Object.fromEntries(Array.from({ length: 64 }, (_, at) => [`l${at}`, 'a'.repeat(63)])))

describe.each([
  ['loops', (size: number) => `device.labels.all(k,${'k!="x"&&'.repeat(size)}true)`],
  ['a long list', (size: number) => `device.name in [${'"x",'.repeat(size)}"y"]`],
  ['comparisons', (size: number) => `${'device.labels.l1=="b"||'.repeat(size)}false`],
  ['patterns', (size: number) => `device.labels.l1.matches("${'a?'.repeat(size)}b")`],
  ['many patterns', (size: number) => `${'device.labels.l1.matches("(a|b)+c")||'.repeat(size)}false`],
  ['searches', (size: number) => `device.labels.all(k,!device.labels[k].contains("${'a'.repeat(size)}b"))`],
  ['long texts', (size: number) => `device.labels.all(k,!(${'k+'.repeat(size)}k).contains("aaaaab"))`],
  ['lists that grow', (size: number) => `device.labels.map(k,${'k+'.repeat(size)}k).size()==1`],
  ['sums', (size: number) => `${'1+'.repeat(size)}1==0`],
])('the most expensive selector with %s', (words, textOf) => {
  const tier = words === 'loops' ? {} : deep('another way to spend steps; loops are quick')
  test('is evaluated on 300 busy devices in bounded time', tier, () => {
    const sizes = Array.from({ length: 140 }, (__, at) => Math.ceil(990 * 0.95 ** at))
    const text = sizes.map(textOf).find((one) => one.length <= 2_000 && compileSelector(one).ok)
    const selector = compileSelector(text ?? 'no size is accepted')
    if (!selector.ok) throw new Error(selector.message)
    const before = process.cpuUsage()
    for (let device = 0; device < 300; device += 1) selector.judge(BUSY)
    const { user, system } = process.cpuUsage(before)
    // 0.1 s by the count of steps, and ten times as much on a slow machine.
    expect((user + system) / 1_000).toBeLessThan(1_000)
  })
})

test('for any text and labels, evaluation never throws, and negation inverts each result', () => {
  const label = fc.constantFrom('a', 'b', 'c')
  const atom = fc
    .tuple(fc.constantFrom('line', 'rack'), fc.constantFrom('==', '!='), label)
    .map(([key, operator, value]) => `device.labels.${key} ${operator} "${value}"`)
  const { expression } = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 4 },
      atom,
      tie('expression').map((part) => `!(${part})`),
      fc
        .tuple(tie('expression'), fc.constantFrom('&&', '||'), tie('expression'))
        .map(([left, operator, right]) => `(${left}) ${operator} (${right})`),
    ),
  }))
  const labels = fc.record({ line: label, rack: label }, { requiredKeys: [] })
  fc.assert(
    fc.property(expression, labels, (text, found) => {
      expect(matches(`!(${text})`, factsOf(found))).toBe(!matches(text, factsOf(found)))
    }),
  )
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('device', 'site', '.name', ...Array.from('()[]!&|"a1=,?: ')) }),
      (text) => void refusal(text),
    ),
  )
})
