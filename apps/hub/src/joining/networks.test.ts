import { expect, test } from 'vitest'
import { isInNetworks } from './networks.ts'

test.each([
  ['10.20.3.4', [], true],
  ['10.20.3.4', ['10.20.0.0/16'], true],
  ['10.21.3.4', ['10.20.0.0/16'], false],
  ['::ffff:10.20.3.4', ['192.168.0.0/24', '10.20.0.0/16'], true],
  ['2001:db8::7', ['2001:db8::/32'], true],
  ['2001:db9::7', ['2001:db8::/32', '0.0.0.0/0'], false],
  ['10.20.3.4', ['2001:db8::/32'], false],
  ['', ['0.0.0.0/0'], false],
])('the address %s is in the networks %j: %s', (address, networks, isIn) => {
  expect(isInNetworks(address, networks)).toBe(isIn)
})
