import { expect, test } from 'vitest'
import { factIn, lockReason, unitedSettings } from './layered-settings.ts'

const fact = (name: string, file: string) => ({ name, from: { file }, everySeconds: 60 })

test('of each setting the most specific place counts, in any order; facts and locks by name', () => {
  const lock = { name: 'line', fact: 'state', openWhen: ['stopped', 'service'] }
  const { settings, origins } = unitedSettings([
    { scope: 'device:press-1', settings: { diskFreeMinMb: 100, facts: [fact('state', '/b')] } },
    { scope: 'organisation', settings: { logLevel: 'warn', diskFreeMinMb: 300, locks: [lock] } },
    { scope: 'site:oslo', settings: { logLevel: 'debug', facts: [fact('state', '/a'), fact('hall', '/hall')] } },
  ])
  expect(settings).toEqual({
    logLevel: 'debug',
    diskFreeMinMb: 100,
    facts: [fact('hall', '/hall'), fact('state', '/b')],
    locks: [lock],
  })
  expect(origins).toEqual([
    { setting: 'logLevel', value: 'debug', scope: 'site:oslo' },
    { setting: 'diskFreeMinMb', value: '100', scope: 'device:press-1' },
    { setting: 'fact hall', value: 'file /hall, every 60 s', scope: 'site:oslo' },
    { setting: 'fact state', value: 'file /b, every 60 s', scope: 'device:press-1' },
    { setting: 'lock line', value: 'installs only while state is stopped or service', scope: 'organisation' },
  ])
})

test('no places, and places without settings, unite to nothing', () => {
  expect(unitedSettings([{ scope: 'organisation', settings: {} }])).toEqual({ settings: {}, origins: [] })
})

test.each([
  ['run\nmore', undefined, 'run'],
  ['  run  ', undefined, 'run'],
  ['', undefined, undefined],
  ['\nrun', undefined, undefined],
  ['NAME="Debian"\nVERSION_ID="13"', 'VERSION_ID', '13'],
  ['  state : stopped', 'state', 'stopped'],
  ['stateful=1\nstate=2', 'state', '2'],
  ['A=1', 'B', undefined],
  ['A=', 'A', undefined],
  ["A='", 'A', "'"],
  ['x'.repeat(500), undefined, 'x'.repeat(200)],
])('the fact in %j with the key %j is %j', (text, key, value) => {
  expect(factIn(text, key)).toBe(value)
})

test('a lock holds with another value, and without one', () => {
  const rule = { name: 'line', fact: 'state', openWhen: ['stopped'] }
  expect(lockReason(rule, 'stopped')).toBeUndefined()
  expect(lockReason(rule, 'run')).toBe('the fact state is run; installing waits for stopped')
  expect(lockReason(rule, undefined)).toBe('the fact state has no value; installing waits for stopped')
})

test('connections are united by name, and an empty list is not the same as none', () => {
  const uplink = { kind: 'ethernet' as const, name: 'uplink', interface: 'eth0' }
  const ipv4 = { method: 'manual' as const, addresses: ['10.0.0.4/24'], dns: [], routes: [] }
  const { settings, origins } = unitedSettings([
    { scope: 'organisation', settings: { network: [uplink, { kind: 'cellular', name: 'backup', apn: 'm2m' }] } },
    { scope: 'device:press-4', settings: { network: [{ ...uplink, ipv4 }], hostName: 'press-4' } },
  ])
  expect(settings.network?.map(({ name }) => name)).toEqual(['backup', 'uplink'])
  expect(origins).toEqual([
    { setting: 'hostName', value: 'press-4', scope: 'device:press-4' },
    { setting: 'network backup', value: 'cellular, IPv4 auto', scope: 'organisation' },
    { setting: 'network uplink', value: 'ethernet, eth0, 10.0.0.4/24', scope: 'device:press-4' },
  ])
  expect(unitedSettings([{ scope: 'organisation', settings: { network: [] } }]).settings).toEqual({ network: [] })
})
