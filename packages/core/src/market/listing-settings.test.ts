import { ConfigSchema } from '@skerry/contract/apps/config-schema'
import { ConnectionItem } from '@skerry/contract/market/listing'
import { Digest } from '@skerry/contract/values/digest'
import { expect, test } from 'vitest'
import { configProblems, schemaProblems } from '../apps/app-config.ts'
import { isUnusedSample, namedEquipment, placeholderNames, settingsFor, valuesOf } from './listing-settings.ts'

const spec = { digest: Digest.parse(`sha256:${'0'.repeat(64)}`), sizeBytes: 1 }
const sample = ConnectionItem.parse({ item: 'meter', connection: 'source', spec, sampleFor: ['power', 'energy'] })

const listing = {
  settings: ConfigSchema.parse({
    type: 'object',
    properties: {
      power: { type: 'string', format: 'tag', default: '{{ name.meter }}/power' },
      energy: { type: 'string', format: 'tag', default: '{{ name.meter }}/energy' },
      lamp: { type: 'string', format: 'writable-tag' },
      store: { type: 'string', format: 'sink' },
      limit: { type: 'number', default: 8 },
    },
  }),
  connections: [sample],
  versions: [],
}

test('a tag has the sample of its installation as its default, and its parts are placeholders', () => {
  const values = valuesOf(listing, { name: 'hall-2', settings: { energy: 'plc/wh' } })
  expect(values).toMatchObject({
    power: 'hall-2-meter/power',
    'power.source': 'hall-2-meter',
    'power.tag': 'power',
    'energy.source': 'plc',
    'energy.tag': 'wh',
    limit: 8,
    'name.meter': 'hall-2-meter',
  })
  const names = placeholderNames({ settings: listing.settings, items: ['meter'] })
  expect([...names]).toEqual(expect.arrayContaining(['power', 'power.source', 'lamp.tag', 'store', 'name.meter']))
  expect(names.has('store.tag')).toBe(false)
  const schema = settingsFor(listing, 'hall-2')
  expect(schema && schemaProblems(schema)).toEqual([])
})

test('a text that is no tag or no name of a sink is a problem', () => {
  const wrong = { power: 'meter', energy: 'meter/', lamp: 'a/b/c', store: 'Not a name' }
  expect(configProblems(listing.settings, wrong).map(({ setting }) => setting)).toEqual(Object.keys(wrong))
  expect(configProblems(listing.settings, { power: 'meter/L1.power', store: 'history' })).toEqual([])
})

test('the sample is left out when each of its settings names other equipment', () => {
  const isLeftOut = (settings: Record<string, string>) =>
    isUnusedSample(sample, valuesOf(listing, { name: 'hall', settings }), 'hall')
  expect(isLeftOut({})).toBe(false)
  expect(isLeftOut({ power: 'plc/kw' })).toBe(false)
  expect(isLeftOut({ power: 'plc/kw', energy: 'hall-meter/energy' })).toBe(false)
  expect(isLeftOut({ power: 'plc/kw', energy: 'plc/wh' })).toBe(true)
})

test('the equipment of the organisation is named with its use, without the own sample', () => {
  const settings = { energy: 'plc/wh', lamp: 'plc/lamp', store: 'history' }
  expect(namedEquipment(listing, { name: 'hall', settings })).toEqual([
    { setting: 'energy', connection: 'source', name: 'plc', tag: 'wh' },
    { setting: 'lamp', connection: 'source', name: 'plc', tag: 'lamp', isWritten: true },
    { setting: 'store', connection: 'sink', name: 'history' },
  ])
})
