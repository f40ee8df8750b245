import { Source } from '@skerry/contract/sources/source'
import { expect, test } from 'vitest'
import { besideRunning, partOf, sharesState, tagNamesOf } from './source-part.ts'

const group = (name: string, ...tags: object[]) => ({ name, everyMs: 1_000, tags })
const constant = (name: string) => ({ name, signal: { kind: 'constant', value: 1 } })

test('a part has the tags that are named, in the groups that have any', () => {
  const source = Source.parse({
    name: 'plant',
    protocol: 'simulator',
    groups: [group('one', constant('a'), constant('b')), group('two', constant('c'))],
  })
  const part = partOf(source, ['b'])
  expect(part.groups).toMatchObject([{ name: 'one', tags: [{ name: 'b' }] }])
  expect(tagNamesOf(source)).toEqual(['a', 'b', 'c'])
  expect(besideRunning(source)).toBe(source)
  expect(sharesState(source)).toBe(false)
})

test('beside one that runs, nobody takes its name at the broker, nor that of the primary host', () => {
  const mqtt = Source.parse({
    name: 'plant',
    protocol: 'mqtt',
    connection: { host: 'broker', clientId: 'line-1', session: 'persistent' },
    groups: [group('all', { name: 'level', topic: 'plant/level' })],
  })
  expect(besideRunning(mqtt).connection).not.toHaveProperty('clientId')
  expect(besideRunning(mqtt).connection).toMatchObject({ host: 'broker', session: 'clean' })
  const sparkplug = Source.parse({
    name: 'plant',
    protocol: 'sparkplug',
    connection: { host: 'broker', clientId: 'host-1', group: 'g', primaryHost: 'scada' },
    groups: [group('all', { name: 'level', node: 'n', metric: 'level' })],
  })
  expect(besideRunning(sparkplug).connection).not.toHaveProperty('clientId')
  expect(besideRunning(sparkplug).connection).not.toHaveProperty('primaryHost')
})
