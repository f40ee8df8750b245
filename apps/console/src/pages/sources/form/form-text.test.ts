import { expect, test } from 'vitest'
import { readSourceText } from '../source-text.ts'
import { protocolsOf, shapeOf } from './form-shape.ts'
import {
  begunText,
  contentOf,
  partOf,
  shownValue,
  typedValue,
  variantPart,
  variantValue,
  withoutTag,
  withProtocol,
  withTag,
  withValue,
} from './form-text.ts'

const TEXT = `# Hall 2
name: press-7
protocol: modbus
connection: { host: 10.0.0.5 } # the new switch
groups:
  - name: fast
    everyMs: 500
    tags:
      - { name: speed, address: holding:1, type: uint16 }
`

test('a field of the form changes its value in the text, and comments stay', () => {
  const changed = withValue(withValue(TEXT, ['connection', 'port'], 1_502), ['groups', 0, 'everyMs'], 250)
  expect(changed).toContain('# Hall 2')
  expect(changed).toContain('# the new switch')
  expect(contentOf(changed)?.valueAt(['connection', 'port'])).toBe(1_502)
  expect(readSourceText(changed).spec).toMatchObject({ connection: { port: 1_502 }, groups: [{ everyMs: 250 }] })
  const emptied = withValue(changed, ['connection', 'port'], undefined)
  expect(readSourceText(emptied).spec).toEqual(readSourceText(TEXT.replace('500', '250')).spec)
})

test('the form shows what the text says, even while the text has other mistakes', () => {
  const content = contentOf(TEXT.replace('10.0.0.5', '"not a host"'))
  expect(content?.protocol).toBe('modbus')
  expect(content?.valueAt(['connection', 'host'])).toBe('not a host')
  expect(content?.tags).toMatchObject([{ group: 'fast', tag: { name: 'speed' }, path: ['groups', 0, 'tags', 0] }])
  expect([contentOf('name: ['), contentOf('- a'), contentOf('')?.protocol]).toEqual([undefined, undefined, undefined])
})

test('tags are added with free names and removed', () => {
  const added = withTag(withTag(TEXT, 0), 0)
  expect(contentOf(added)?.tags.map(({ tag }) => tag.name)).toEqual(['speed', 'tag_2', 'tag_3'])
  expect(contentOf(withoutTag(added, ['groups', 0, 'tags', 1]))?.tags.map(({ tag }) => tag.name)).toEqual([
    'speed',
    'tag_3',
  ])
  expect(contentOf(withTag('name: a\nprotocol: s7\n', 0))?.tags).toHaveLength(1)
})

test('another protocol begins anew, and keeps the name that a person chose', () => {
  expect(contentOf(withProtocol('', 'source', 's7'))?.valueAt(['name'])).toBe('s7-1')
  expect(contentOf(withProtocol(begunText('source', 's7'), 'source', 'opcua'))?.valueAt(['name'])).toBe('opcua-1')
  const changed = contentOf(withProtocol(TEXT, 'source', 's7'))
  expect([changed?.valueAt(['name']), changed?.valueAt(['connection'])]).toEqual(['press-7', {}])
  expect(withProtocol(TEXT, 'source', 'modbus')).toBe(TEXT)
})

test.each([
  ['integer', '502', 502],
  ['integer', '5o2', '5o2'],
  ['number', '-0.5', -0.5],
  ['switch', 'true', true],
  ['choice', '8', 8],
  ['secret', 'press-password', { secret: 'press-password' }],
  ['structure', '{ kind: constant, value: 3 }', { kind: 'constant', value: 3 }],
  ['structure', '{ kind: ', '{ kind:'],
  ['text', ' ', undefined],
] as const)('in a %s field, %s means %j', (kind, typed, value) => {
  expect(typedValue(kind, typed)).toEqual(value)
})

test('a structure is shown as one line that means the same', () => {
  const value = { kind: 'sine', mean: 3, period: { seconds: 60 } }
  expect(shownValue(value)).not.toContain('\n')
  expect(typedValue('structure', shownValue(value))).toEqual(value)
})

test.each(['source', 'sink'] as const)('each protocol of a %s has a form, with its required fields first', (kind) => {
  for (const protocol of protocolsOf(kind)) {
    const { connection = [], tag = [] } = shapeOf(kind, protocol) ?? {}
    if (protocol !== 'hub') expect(connection.length, protocol).toBeGreaterThan(0)
    if (kind === 'source')
      expect(
        tag.map(({ name }) => name),
        protocol,
      ).toContain('name')
    const order = connection.map(({ isRequired = false }) => Number(isRequired))
    expect(order).toEqual(order.toSorted((a, b) => b - a))
    expect(contentOf(begunText(kind, protocol))?.protocol).toBe(protocol)
  }
})

test('a field has the help of its comment and the limits of its schema', () => {
  const fields = new Map(shapeOf('source', 'modbus')?.connection.map((field) => [field.name, field]))
  expect(fields.get('port')).toMatchObject({ kind: 'integer', min: 1, max: 65_535, fallback: 502 })
  expect(fields.get('firstAddress')).toMatchObject({ kind: 'choice', choices: [0, 1] })
  expect(fields.get('host')?.help).toContain('Modbus TCP')
  expect(fields.get('busyRetries')?.isAdvanced).toBe(true)
})

test('each kind of a simulated signal has a field for each part, and its begin is a sound definition', () => {
  const signal = shapeOf('source', 'simulator')?.tag.find(({ name }) => name === 'signal')
  expect(signal?.kind).toBe('variant')
  const variants = signal?.variants ?? []
  expect(variants.map(({ kind }) => kind)).toEqual(['constant', 'sine', 'ramp', 'walk', 'replay'])
  const begun = begunText('source', 'simulator')
  expect(readSourceText(begun).flaws).toEqual([])
  const path = ['groups', 0, 'tags', 0, 'signal']
  for (const variant of variants.filter(({ kind }) => kind !== 'replay'))
    expect(readSourceText(withValue(begun, path, variantValue(variant, undefined))).flaws, variant.kind).toEqual([])
})

test('another kind of signal keeps the parts of the same name, and a part changes alone', () => {
  const variants = shapeOf('source', 'simulator')?.tag.find(({ name }) => name === 'signal')?.variants ?? []
  const ramp = variants.find(({ kind }) => kind === 'ramp')
  if (!ramp) throw new Error('the simulator has a ramp')
  const sine = { kind: 'sine', mean: 3, amplitude: 1, periodSeconds: 9 }
  const value = variantValue(ramp, sine)
  expect(value).toEqual({ kind: 'ramp', from: 0, to: 100, periodSeconds: 9 })
  expect(variantPart(value, 'to', 7)).toEqual({ ...value, to: 7 })
  expect(variantPart(value, 'to', undefined)).toEqual({ kind: 'ramp', from: 0, periodSeconds: 9 })
  expect([partOf(sine, 'mean'), partOf(undefined, 'mean')]).toEqual([3, undefined])
})
