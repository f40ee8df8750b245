import fc from 'fast-check'
import { expect, test } from 'vitest'
import { identityIn } from './identity.ts'

/** [CIP 2, table 2-4.4] One item: version, address, vendor 1, type 14, product 55, revision 20.11, status, serial, name, state. */
const SAID = Buffer.from(
  '01000c002900' +
    '0100' +
    '0002af12c0a801050000000000000000' +
    '01000e003700140b6031efbeadde' +
    '0831373536204c3631' +
    '03',
  'hex',
)

test('equipment says its name, its revision and its serial number', () => {
  expect(identityIn(SAID)).toEqual({
    name: '1756 L61',
    revision: '20.11',
    vendor: 1,
    deviceType: 14,
    serial: 'deadbeef',
  })
})

test('what ends too early, or is something else, is none, and never an exception', () => {
  for (let length = 0; length < SAID.length - 1; length += 1)
    expect(identityIn(SAID.subarray(0, length))).toBeUndefined()
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void identityIn(bytes)))
  expect(identityIn(Buffer.concat([Buffer.from('01000d00', 'hex'), SAID.subarray(4)]))).toBeUndefined()
})
