import { LINK_MESSAGE_LIFE_MS, LinkSession } from '@skerry/contract/link/link-message'
import { DeviceId } from '@skerry/contract/values/ids'
import { expect, test } from 'vitest'
import { generateKeyPair } from '../certificates/private-key.ts'
import { linkOpener, linkSigners } from './link-signature.ts'

const keys = generateKeyPair()
const here = { deviceId: DeviceId.parse('dev_aaaaaaaaaaaa'), session: LinkSession.parse('a'.repeat(22)) }
const elsewhere = { deviceId: DeviceId.parse('dev_bbbbbbbbbbbb'), session: LinkSession.parse('b'.repeat(22)) }
const WIPE = { kind: 'wipe' }
const signersOf = (key = keys) => linkSigners(key, { nowMs: () => 1_000 })
const openHere = () => linkOpener(here, [keys.publicKeyPem])

test('a signed message is read once, also after it was JSON', () => {
  const open = openHere()
  const sent: unknown = JSON.parse(JSON.stringify(signersOf()(here)('jobs', WIPE)))
  expect(open('jobs', sent, 1_000)).toEqual({ ok: true, message: WIPE })
  expect(open('jobs', sent, 1_000)).toEqual({ ok: false, kind: 'unproved', why: 'it has been sent before' })
})

test.each<[string, unknown, number | undefined]>([
  ['a message without a signature', WIPE, 1_000],
  ['a message of another key', signersOf(generateKeyPair())(here)('jobs', WIPE), 1_000],
  ['a message for another device', signersOf()({ ...here, deviceId: elsewhere.deviceId })('jobs', WIPE), 1_000],
  ['a message of another connection', signersOf()({ ...here, session: elsewhere.session })('jobs', WIPE), 1_000],
  ['a message of another stream', signersOf()(here)('desired', WIPE), 1_000],
  ['a changed message', { ...signersOf()(here)('jobs', {}), message: WIPE }, 1_000],
])('%s is rejected, and proves no hub', (_, offered, nowMs) => {
  expect(openHere()('jobs', offered, nowMs)).toEqual({ ok: false, kind: 'unproved', why: expect.any(String) })
})

test.each([
  ['has expired', 1_000 + LINK_MESSAGE_LIFE_MS],
  ['came before the hub said its time', undefined],
])('a message that %s is rejected as such', (_, nowMs) => {
  const opened = openHere()('jobs', signersOf()(here)('jobs', WIPE), nowMs)
  expect(opened).toEqual({ ok: false, kind: 'expired', why: 'it has expired' })
})
