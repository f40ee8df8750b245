import { expect, test } from 'vitest'
import { groupNamesOf, readSourceText, sourceTextOf, withPicked, withTags } from './source-text.ts'

const SOUND = `# A pump
name: pump-1
protocol: simulator
groups:
  - name: fast
    everyMs: 200
    tags:
      - { name: level, unit: m, signal: { kind: constant, value: 3 } }
`

test('a valid source is accepted as written, without schema defaults', () => {
  const { spec, flaws } = readSourceText(SOUND)
  expect(flaws).toEqual([])
  expect(spec).toMatchObject({ name: 'pump-1', groups: [{ tags: [{ name: 'level' }] }] })
  expect(JSON.stringify(spec)).not.toContain('faultShare')
  expect(spec && readSourceText(sourceTextOf(spec)).spec).toEqual(spec)
})

test('each mistake is reported at its line', () => {
  const { spec, flaws } = readSourceText(SOUND.replace('200', '2').replace('value: 3', 'valeu: 3'))
  expect(spec).toBeUndefined()
  expect(flaws.map(({ line }) => line)).toEqual(expect.arrayContaining([6, 8]))
})

test('a condition with an unknown tag is reported at its line', () => {
  const tag =
    '      - { name: valve, signal: { kind: constant, value: 0 }, write: { interlock: { when: \'tags["x"] > 1\' } } }\n'
  expect(readSourceText(SOUND + tag.replace('"x"', '"level"')).flaws).toEqual([])
  const { flaws } = readSourceText(SOUND + tag)
  expect(flaws).toEqual([{ line: 9, message: expect.stringContaining('the source has no tag x') }])
})

test('an unknown protocol is rejected with the list of known protocols', () => {
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

test('an empty text has no mistakes', () => {
  expect(readSourceText(' \n')).toEqual({ spec: undefined, flaws: [] })
})

test('a tag table replaces the tags, and the rest of the text stays', () => {
  const taken = withTags(SOUND, 'group,everyMs,name,signal\nslow,5000,flow,"{""kind"":""constant"",""value"":1}"\n')
  expect(taken.ok && taken.text).toMatch(/^# A pump\nname: pump-1/)
  expect(taken.ok && readSourceText(taken.text).spec).toMatchObject({
    groups: [{ name: 'slow', everyMs: 5_000, tags: [{ name: 'flow', signal: { kind: 'constant', value: 1 } }] }],
  })
  expect(withTags(SOUND, 'name\na')).toEqual({ ok: false, flaw: expect.stringMatching(/^Line 1/) })
  expect(withTags('', 'group,everyMs,name\ng,1000,a')).toMatchObject({ ok: false })
  expect(withTags('a: [', 'group,everyMs,name\ng,1000,a')).toMatchObject({ ok: false })
})

test('a tag table keeps other settings of a group', () => {
  const text =
    'name: mes\nprotocol: http\ngroups:\n  - { name: orders, everyMs: 1000, url: "http://mes/orders", tags: [] }\n'
  const taken = withTags(text, 'group,everyMs,name,path\norders,2000,rate,order.rate\n')
  expect(taken.ok && readSourceText(taken.text).spec).toMatchObject({
    groups: [{ everyMs: 2_000, url: 'http://mes/orders', tags: [{ name: 'rate' }] }],
  })
})

const picks = [
  { label: 'Speed', path: 'ns=2;s=Speed', tag: { address: 'ns=2;s=Speed' } },
  { label: 'Speed', path: 'ns=2;s=Line.Speed', tag: { address: 'ns=2;s=Line.Speed' } },
]
const LINE = `# Hall 2
name: line-2
protocol: opcua
connection: { endpoint: "opc.tcp://10.0.0.5:4840", security: none }
groups:
  - name: process
    everyMs: 500
    tags: [{ name: Speed, address: ns=2;s=Old }]
`

test('picked tags are added to their group with unique names, and the rest of the text stays', () => {
  const taken = withPicked(LINE, picks, { name: 'process', everyMs: 1_000 })
  if (!taken.ok) throw new Error(taken.flaw)
  expect(taken.text).toContain('# Hall 2')
  const { spec, flaws } = readSourceText(taken.text)
  expect(flaws).toEqual([])
  expect(spec?.groups).toMatchObject([
    {
      everyMs: 500,
      tags: [
        { name: 'Speed', address: 'ns=2;s=Old' },
        { name: 'Speed_2', address: 'ns=2;s=Speed' },
        { name: 'Speed_3', address: 'ns=2;s=Line.Speed' },
      ],
    },
  ])
})

test('picked tags create a missing group, even if the source has no groups', () => {
  const more = withPicked(LINE, picks, { name: 'more', everyMs: 1_000 })
  expect(more.ok && groupNamesOf(more.text)).toEqual(['process', 'more'])
  const first = withPicked(LINE.slice(0, LINE.indexOf('groups:')), picks, { name: 'all', everyMs: 1_000 })
  expect(first.ok && readSourceText(first.text).flaws).toEqual([])
  expect(withPicked('', picks, { name: 'all', everyMs: 1_000 })).toMatchObject({ ok: false })
})

test('a tag table fills a source without tags, and comments stay', () => {
  const begun = '# Hall 2\nname: line-2\nprotocol: modbus\nconnection: { host: 10.0.0.6 }\n'
  const taken = withTags(begun, 'group,everyMs,name,address\nfast,500,speed,holding:1\n')
  expect(taken).toMatchObject({ ok: true, text: expect.stringContaining('# Hall 2') })
  expect(taken.ok && groupNamesOf(taken.text)).toEqual(['fast'])
})
