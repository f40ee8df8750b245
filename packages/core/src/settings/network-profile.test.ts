import { NetworkConnection } from '@skerry/contract/settings/system-settings'
import { expect, test } from 'vitest'
import { networkProfile, networkSteps } from './network-profile.ts'

const profile = (connection: object) => networkProfile(NetworkConnection.parse(connection), 'r1')

test('each kind of connection has its words', () => {
  expect(profile({ kind: 'ethernet', name: 'uplink', interface: 'eth0' })).toEqual({
    id: 'skerry-uplink@r1',
    words: ['type', 'ethernet', 'ifname', 'eth0', 'ipv4.method', 'auto', 'ipv6.method', 'auto'],
    secret: undefined,
  })
  expect(profile({ kind: 'vlan', name: 'plc', parent: 'eth0', id: 42 }).words.slice(0, 8)).toEqual([
    'type',
    'vlan',
    'ifname',
    'eth0.42',
    'vlan.parent',
    'eth0',
    'vlan.id',
    '42',
  ])
  expect(profile({ kind: 'wifi', name: 'hall', ssid: 'hall 4', secret: 'hall-wifi', security: 'sae' })).toMatchObject({
    words: expect.arrayContaining(['wifi.ssid', 'hall 4', 'wifi-sec.key-mgmt', 'sae']),
    secret: 'hall-wifi',
  })
  expect(profile({ kind: 'wifi', name: 'guest', ssid: 'guest' }).words).not.toContain('wifi-sec.key-mgmt')
  expect(profile({ kind: 'cellular', name: 'backup', apn: 'internet.m2m' }).words).toContain('gsm.apn')
})

test('addresses come before their method, and nothing that is not set is named', () => {
  const ipv4 = {
    method: 'manual',
    addresses: ['192.168.7.4/24'],
    gateway: '192.168.7.1',
    dns: ['192.168.7.1', '9.9.9.9'],
    routes: [{ to: '10.0.0.0/8', via: '192.168.7.2' }],
    metric: 50,
  }
  const { words } = profile({ kind: 'ethernet', name: 'uplink', ipv4, ipv6: { method: 'disabled' } })
  expect(words.slice(4)).toEqual([
    'ipv4.addresses',
    '192.168.7.4/24',
    'ipv4.gateway',
    '192.168.7.1',
    'ipv4.dns',
    '192.168.7.1,9.9.9.9',
    'ipv4.routes',
    '10.0.0.0/8 192.168.7.2',
    'ipv4.route-metric',
    '50',
    'ipv4.method',
    'manual',
    'ipv6.method',
    'disabled',
  ])
})

test.each([
  ['manual without an address', { ipv4: { method: 'manual' } }],
  ['addresses without manual', { ipv4: { addresses: ['10.0.0.1/8'] } }],
  ['an option as an interface', { interface: '--help' }],
  ['a name instead of an address', { ipv4: { dns: ['dns.example.com'] } }],
  ['a script that is no web address', { proxyScript: 'file:///etc/shadow' }],
])('%s is rejected', (_what, change) => {
  expect(NetworkConnection.safeParse({ kind: 'ethernet', name: 'uplink', ...change }).success).toBe(false)
})

test('only managed profiles are removed, and unchanged ones stay', () => {
  const present = ['Wired connection 1', 'skerry-uplink@r1', 'skerry-old@r1']
  expect(networkSteps(['skerry-uplink@r1', 'skerry-plc@r1'], present)).toEqual({
    add: ['skerry-plc@r1'],
    remove: ['skerry-old@r1'],
  })
})
