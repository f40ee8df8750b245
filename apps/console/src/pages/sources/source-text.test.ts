import { expect, test } from 'vitest'
import { readSourceText, sourceTextOf, withTags } from './source-text.ts'

const SOUND = `# A pump
name: pump-1
protocol: simulator
groups:
  - name: fast
    everyMs: 200
    tags:
      - { name: level, unit: m, signal: { kind: constant, value: 3 } }
`

test('a source that is right is taken as it was written, without what its schema would fill in', () => {
  const { spec, flaws } = readSourceText(SOUND)
  expect(flaws).toEqual([])
  expect(spec).toMatchObject({ name: 'pump-1', groups: [{ tags: [{ name: 'level' }] }] })
  expect(JSON.stringify(spec)).not.toContain('faultShare')
  expect(spec && readSourceText(sourceTextOf(spec)).spec).toEqual(spec)
})

test('each mistake stands in its line', () => {
  const { spec, flaws } = readSourceText(SOUND.replace('200', '2').replace('value: 3', 'valeu: 3'))
  expect(spec).toBeUndefined()
  expect(flaws.map(({ line }) => line)).toEqual(expect.arrayContaining([6, 8]))
})

test('a protocol that is not known is answered with those that are', () => {
  const { flaws } = readSourceText(SOUND.replace('simulator', 'telepathy'))
  expect(flaws).toEqual([{ line: 3, message: expect.stringMatching(/^protocol: must be one of .*modbus/) }])
})

test.each([
  ['broken YAML', 'name: [', 1],
  ['a key given twice', 'name: a\nname: b', 2],
  ['an alias to nothing', 'name: *x', 1],
  ['a list', '- a', 1],
  ['a word', 'pump', 1],
])('%s is a mistake with a line', (_, text, line) => {
  const { spec, flaws } = readSourceText(text)
  expect(spec).toBeUndefined()
  expect(flaws[0]?.line).toBe(line)
})

test('nothing is wrong with nothing', () => {
  expect(readSourceText(' \n')).toEqual({ spec: undefined, flaws: [] })
})

test('the tags of a table take the place of those that are there, and the rest stays as it was written', () => {
  const taken = withTags(SOUND, 'group,everyMs,name,signal\nslow,5000,flow,"{""kind"":""constant"",""value"":1}"\n')
  expect(taken.ok && taken.text).toMatch(/^# A pump\nname: pump-1/)
  expect(taken.ok && readSourceText(taken.text).spec).toMatchObject({
    groups: [{ name: 'slow', everyMs: 5_000, tags: [{ name: 'flow', signal: { kind: 'constant', value: 1 } }] }],
  })
  expect(withTags(SOUND, 'name\na')).toEqual({ ok: false, flaw: expect.stringMatching(/^Line 1/) })
  expect(withTags('', 'group,everyMs,name\ng,1000,a')).toMatchObject({ ok: false })
  expect(withTags('a: [', 'group,everyMs,name\ng,1000,a')).toMatchObject({ ok: false })
})

test('what else is said of a group stays when its tags come from a table', () => {
  const text =
    'name: mes\nprotocol: http\ngroups:\n  - { name: orders, everyMs: 1000, url: "http://mes/orders", tags: [] }\n'
  const taken = withTags(text, 'group,everyMs,name,path\norders,2000,rate,order.rate\n')
  expect(taken.ok && readSourceText(taken.text).spec).toMatchObject({
    groups: [{ everyMs: 2_000, url: 'http://mes/orders', tags: [{ name: 'rate' }] }],
  })
})
