import { expect, test } from 'vitest'
import { addressProblem, isPublic, parseAllowedHost } from './webhook-address.ts'
import { createWebhooks } from './webhooks.ts'

test.each([
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '127.9.9.9',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '192.0.2.1',
  '198.18.0.1',
  '203.0.113.9',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:10.0.0.1',
  '::ffff:169.254.169.254',
  '::ffff:8.8.8.8',
  '64:ff9b::a00:1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'ff02::1',
  '2001:db8::1',
  '2002:a00:1::',
  'localhost',
  '',
])('%s is not public', (address) => {
  expect(isPublic(address)).toBe(false)
})

test.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450:4001::200e'])(
  '%s is public',
  (address) => {
    expect(isPublic(address)).toBe(true)
  },
)

const at = (...addresses: string[]) => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))

test.each([
  ['https://a.example/', at('8.8.8.8'), [], undefined],
  ['https://a.example/', at('8.8.8.8', '10.0.0.1'), [], 'is not a public address'],
  ['https://a.example/', at(), [], 'has no address'],
  ['https://a.example/', at('10.0.0.1'), ['a.example'], undefined],
  ['https://a.example/', at('10.0.0.1'), ['a.example:443'], undefined],
  ['https://a.example/', at('10.0.0.1'), ['a.example:8443'], 'is not a public address'],
  ['https://a.example/', at('10.0.0.1'), ['b.example'], 'is not a public address'],
  ['http://a.example/', at('8.8.8.8'), [], 'needs https'],
  ['http://a.example/', at('8.8.8.8'), ['a.example'], 'needs https'],
  ['http://localhost:9/', at('127.0.0.1', '::1'), ['localhost:9'], undefined],
  ['http://127.0.0.1:9/', at('127.0.0.1'), [], 'needs https'],
  ['https://[::1]/', at('::1'), ['[::1]'], undefined],
  // As the parser of URLs reads it, this is 127.0.0.1.
  ['https://0x7f.1/', at('127.0.0.1'), [], 'is not a public address'],
] as const)('the URL %s at %j, with %j allowed: %s', (url, addresses, names, problem) => {
  const allowed = names.map((name) => parseAllowedHost(name) ?? { host: '' })
  const found = addressProblem(new URL(url), addresses, allowed)
  if (problem === undefined) expect(found).toBeUndefined()
  else expect(found).toContain(problem)
})

test('an allowed host is a name, with or without a port', () => {
  expect(parseAllowedHost('A.example')).toEqual({ host: 'a.example' })
  expect(parseAllowedHost('a.example:80')).toEqual({ host: 'a.example', port: 80 })
  expect(parseAllowedHost('[fd00::1]:8443')).toEqual({ host: 'fd00::1', port: 8443 })
  for (const text of ['', 'a b', 'http://a', 'a/b', 'a:99999', 'me@a', '*'])
    expect(parseAllowedHost(text)).toBeUndefined()
})

test('public names go through the proxy of the operator, and allowed hosts do not', async () => {
  const { signal } = new AbortController()
  const proxy = 'http://proxy.example:3128'
  const { wayTo } = createWebhooks({
    allowed: [{ host: 'git.plant', port: 8443 }],
    proxy,
    clock: { nowMs: () => 0 },
    resolve: async () => [{ address: '10.0.0.7', family: 4 }],
  })
  expect(await wayTo(new URL('https://models.example.com/m.onnx'), signal)).toEqual({ kind: 'proxy', proxy })
  expect(await wayTo(new URL('https://git.plant:8443/x'), signal)).toMatchObject({ kind: 'direct' })
  expect(await wayTo(new URL('https://git.plant/x'), signal)).toMatchObject({ kind: 'proxy' })
  for (const url of ['https://10.0.0.1/', 'https://[::1]/', 'http://models.example.com/'])
    await expect(wayTo(new URL(url), signal), url).rejects.toThrow()
})
