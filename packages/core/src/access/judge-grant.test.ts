import { expect, test } from 'vitest'
import { addressOf, isBelow, judgeGrant, judgeModeration, judgeSwitches } from './judge-grant.ts'

const grant = { kinds: ['shell', 'port', 'file'], targets: ['127.0.0.1:8080'], path: '/var/log', expiresAtMs: 1_000 }

test('a rule of the organisation leaves no terminal without a moderator', () => {
  expect(judgeModeration({ kinds: ['shell'], isModerated: true }, true)).toEqual({ ok: true })
  expect(judgeModeration({ kinds: ['logs', 'port'] }, true)).toEqual({ ok: true })
  expect(judgeModeration({ kinds: ['shell'] }, false)).toEqual({ ok: true })
  expect(judgeModeration({ kinds: ['shell', 'logs'] }, true)).toMatchObject({
    code: 'moderation_needed',
    message: expect.stringContaining('--moderated'),
  })
})

test('a grant covers its kinds, targets and folder until it ends', () => {
  expect(judgeGrant(grant, { kind: 'shell' }, 999)).toEqual({ ok: true, untilMs: 1_000 })
  expect(judgeGrant(grant, { kind: 'shell' }, 1_000)).toMatchObject({ ok: false, code: 'grant_expired' })
  expect(judgeGrant({ ...grant, revokedAtMs: 5 }, { kind: 'shell' }, 6)).toMatchObject({ code: 'grant_revoked' })
  expect(judgeGrant(grant, { kind: 'logs' }, 0)).toMatchObject({ code: 'grant_exceeded' })
  expect(judgeGrant(grant, { kind: 'port', target: '127.0.0.1:8080' }, 0)).toMatchObject({ ok: true })
  expect(judgeGrant(grant, { kind: 'port', target: '127.0.0.1:8081' }, 0)).toMatchObject({ code: 'grant_exceeded' })
  expect(judgeGrant(grant, { kind: 'file', path: '/var/log/syslog' }, 0)).toMatchObject({ ok: true })
  expect(judgeGrant(grant, { kind: 'file', path: '/var/logs' }, 0)).toMatchObject({ code: 'grant_exceeded' })
  expect(judgeGrant({ ...grant, path: undefined }, { kind: 'file', path: '/' }, 0)).toMatchObject({ ok: false })
})

test('a path is below a folder by whole names', () => {
  expect(isBelow('/var/log', '/var/log')).toBe(true)
  expect(isBelow('/var/log', '/var/log/')).toBe(true)
  expect(isBelow('/var/log2', '/var/log')).toBe(false)
  expect(isBelow('/etc/passwd', '/')).toBe(true)
})

const on = { kinds: ['port' as const], addresses: ['192.168.7.5:80', '169.254.169.254:80', '10.0.0.9:8443'] }
const port = (target: string) => judgeSwitches(on, { kind: 'port', target }, ['10.0.0.9:8443'])

test('a device allows nothing by itself, and then only loopback and the declared addresses', () => {
  expect(judgeSwitches({ kinds: [], addresses: [] }, { kind: 'shell' }, [])).toMatchObject({
    code: 'access_refused',
    message: expect.stringContaining('--allow-remote shell'),
  })
  expect(port('127.0.0.1:8080')).toEqual({ ok: true })
  expect(port('[::1]:8080')).toEqual({ ok: true })
  expect(port('192.168.7.5:80')).toEqual({ ok: true })
  expect(port('192.168.7.5:81')).toMatchObject({ code: 'access_refused' })
  expect(port('192.168.7.6:80')).toMatchObject({ code: 'access_refused' })
})

test('a device is never a way to metadata services, to the hub, or around these rules', () => {
  for (const target of [
    '169.254.169.254:80',
    '[fd00:ec2::254]:80',
    '[fe80::1]:80',
    '[::ffff:127.0.0.1]:80',
    '[::ffff:a9fe:a9fe]:80',
    '[64:ff9b::a9fe:a9fe]:80',
    '0.0.0.0:80',
    '[::]:80',
    '255.255.255.255:80',
    '224.0.0.1:80',
    '0177.0.0.1:80',
    '127.1:80',
    '10.0.0.9:8443',
    'localhost:80',
    '127.0.0.1:0',
    '127.0.0.1:99999',
  ])
    expect(
      judgeSwitches({ ...on, addresses: [target] }, { kind: 'port', target }, ['10.0.0.9:8443']),
      target,
    ).toMatchObject({
      ok: false,
      code: 'access_refused',
    })
})

test('a UDP port has the rules of a TCP port, and is allowed apart from it', () => {
  expect(port('udp:127.0.0.1:161')).toEqual({ ok: true })
  const declared = { ...on, addresses: ['192.168.7.5:161'] }
  const target = 'udp:192.168.7.5:161'
  expect(judgeSwitches(declared, { kind: 'port', target }, [])).toMatchObject({
    message: expect.stringContaining('--remote-address udp:192.168.7.5:161'),
  })
  expect(judgeSwitches({ ...on, addresses: [target] }, { kind: 'port', target }, [])).toEqual({ ok: true })
  for (const never of ['udp:169.254.169.254:80', 'udp:224.0.0.251:5353', 'udp:255.255.255.255:9', 'udp:10.0.0.9:8443'])
    expect(
      judgeSwitches({ ...on, addresses: [never] }, { kind: 'port', target: never }, ['10.0.0.9:8443']),
    ).toMatchObject({ code: 'access_refused' })
})

test('an address is read in its one form', () => {
  expect(addressOf('127.0.0.1:80')).toBe('127.0.0.1')
  expect(addressOf('[::1]:80')).toBe('::1')
  expect(addressOf('256.0.0.1:80')).toBeUndefined()
})
