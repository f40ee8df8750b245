import { expect, test } from 'vitest'
import { installWarnings, isLocalHost } from './install-warnings.ts'

const local = {
  hub: 'https://127.0.0.1:8443',
  listen: { host: '127.0.0.1', port: 8443 },
  addresses: ['192.168.4.7', 'fd00::7'],
}

test('a hub with a package and an address in the network has no warning', () => {
  expect(installWarnings({ packages: ['arm64'] })).toEqual([])
})

test('a hub without a package names the commands that make and push one', () => {
  const [warning, ...others] = installWarnings({ packages: [] })
  expect(others).toEqual([])
  expect(warning).toMatchObject({ code: 'package_missing' })
  expect(warning?.commands).toEqual([
    'npm run pack',
    'skerry agent push .skerry/packages/skerry-agent-linux-x64.tar --alias stable',
  ])
})

test('a hub that listens on loopback names the options for each address of its computer', () => {
  const [warning] = installWarnings({ packages: ['x64'], local })
  expect(warning?.code).toBe('address_local')
  expect(warning?.message).toContain('https://127.0.0.1:8443')
  expect(warning?.commands).toEqual([
    '--listen 0.0.0.0:8443 --public-url https://192.168.4.7:8443',
    '--listen 0.0.0.0:8443 --public-url https://[fd00::7]:8443',
  ])
})

test('a hub that listens on all addresses lacks only its public address', () => {
  const listen = { host: '0.0.0.0', port: 9000 }
  const [warning] = installWarnings({ packages: ['x64'], local: { ...local, hub: 'https://localhost:9000', listen } })
  expect(warning?.commands[0]).toBe('--public-url https://192.168.4.7:9000')
})

test('without a network, the person fills in the address', () => {
  const [warning] = installWarnings({ packages: ['x64'], local: { ...local, addresses: [] } })
  expect(warning?.commands).toEqual(['--listen 0.0.0.0:8443 --public-url https://HOST:8443'])
})

test.each([
  ['localhost', true],
  ['127.0.0.1', true],
  ['127.8.0.9', true],
  ['[::1]', true],
  ['hub.localhost', true],
  ['127.0.0.1.example.com', false],
  ['localhost.example.com', false],
  ['192.168.4.7', false],
  ['hub', false],
])('%s leads a computer to itself: %s', (host, expected) => {
  expect(isLocalHost(host)).toBe(expected)
})
