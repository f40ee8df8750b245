import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { Aes128Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from '@hpke/core'
import { expect, test } from 'vitest'
import { generateKeyPair, type KeyPair } from '../certificates/private-key.ts'
import { openHpkeRecipient, openHpkeSender } from './hpke.ts'

const hex = (text: string) => Buffer.from(text, 'hex')

/**
 * The keys, the purpose and the text of [RFC 9180, A.3.1], sealed with AES-256-GCM by the implementation that this project had before `@hpke/core`:
 * its devices are in the field, and what was recorded then must open. That one gave the RFC's own vectors for AES-128-GCM.
 */
const BEFORE = {
  info: hex('4f6465206f6e2061204772656369616e2055726e').toString(),
  ephemeral: pairOf(
    '4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb',
    '04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4',
  ),
  recipient: pairOf(
    'f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2',
    '04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0',
  ),
  plain: hex('4265617574792069732074727574682c20747275746820626561757479'),
  sealed: {
    0: '518c46e6810fbc55362f7d5995b0f54339d93664ca44e5c74d0f289c4f7983b4781b193de04ad3319f177244de',
    1: '0ade75da0a9487cc383b9e8a5205efdfd1ccb998d97870aa334aa3c5ba4afe9d55e21fecec131510e5e91ddd4d',
    2: '7aacf73f3dcb6a0c8e20f95cf21b39b3647c1b973b2576db031c0755bafd1697af89d22950f945b0a3d673cfd6',
    256: 'fb8d002476fa110d244655b30e86e992449ced9ffabd3ca0087e129f7e15a140a7ffbdf2791ada13f8858acf25',
  },
} as const

function pairOf(scalar: string, point: string): KeyPair {
  const [x, y] = [point.slice(2, 66), point.slice(66)].map((half) => hex(half).toString('base64url'))
  const key = { kty: 'EC', crv: 'P-256', d: hex(scalar).toString('base64url'), x: x ?? '', y: y ?? '' }
  const privateKey = createPrivateKey({ key, format: 'jwk' })
  return {
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKeyPem: createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString(),
  }
}

test('what is sealed is, message by message, what the implementation before this one sealed, and opens', async () => {
  const { info, ephemeral, recipient, plain, sealed } = BEFORE
  const sender = await openHpkeSender({ recipient: recipient.publicKeyPem, info, ephemeral })
  const opening = await openHpkeRecipient({
    privateKey: recipient.privateKeyPem,
    encapsulated: sender.encapsulated,
    info,
  })
  const told = new Map(Object.entries(sealed))
  for (let sequence = 0; sequence <= 256; sequence++) {
    const box = await sender.seal(plain, `Count-${sequence}`)
    const vector = told.get(String(sequence))
    if (vector !== undefined) expect(Buffer.from(box).toString('hex')).toBe(vector)
    expect(await opening?.open(box, `Count-${sequence}`)).toEqual(plain)
  }
})

test('the library does what the vectors of RFC 9180 say', async () => {
  const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes128Gcm() })
  const ecdh = { name: 'ECDH', namedCurve: 'P-256' } as const
  const publicKeyOf = ({ publicKeyPem }: KeyPair) => createPublicKey(publicKeyPem).toCryptoKey(ecdh, true, [])
  const { info, ephemeral, recipient, plain } = BEFORE
  const sender = await suite.createSenderContext({
    recipientPublicKey: publicKeyOf(recipient),
    info: new TextEncoder().encode(info).buffer,
    ekm: {
      privateKey: createPrivateKey(ephemeral.privateKeyPem).toCryptoKey(ecdh, false, ['deriveBits']),
      publicKey: publicKeyOf(ephemeral),
    },
  })
  const sealed = await sender.seal(new Uint8Array(plain).buffer, new TextEncoder().encode('Count-0').buffer)
  // [A.3.1.1]
  expect(Buffer.from(sealed).toString('hex')).toBe(
    '5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434',
  )
})

test('nothing opens for another key, another purpose, out of order, or when a bit has changed', async () => {
  const pair = generateKeyPair()
  const other = generateKeyPair()
  const sender = await openHpkeSender({ recipient: pair.publicKeyPem, info: 'plant' })
  const { encapsulated } = sender
  const first = await sender.seal(Buffer.from('one'), 'to')
  const second = await sender.seal(Buffer.from('two'), 'to')
  const open = async (box: Uint8Array, { privateKeyPem } = pair, info = 'plant', associated = 'to') => {
    const recipient = await openHpkeRecipient({ privateKey: privateKeyPem, encapsulated, info })
    return await recipient?.open(box, associated)
  }
  expect(await open(first, other)).toBeUndefined()
  expect(await open(first, pair, 'shop')).toBeUndefined()
  expect(await open(first, pair, 'plant', 'for')).toBeUndefined()
  expect(await open(second)).toBeUndefined()
  const changed = Buffer.from(first)
  changed[0] = (changed[0] ?? 0) ^ 1
  expect(await open(changed)).toBeUndefined()
  expect(await open(Buffer.from('short'))).toBeUndefined()
  expect((await open(first))?.toString()).toBe('one')
})

test('what is no point of the curve begins nothing, and a key of another curve is refused', async () => {
  const { privateKeyPem: privateKey } = generateKeyPair()
  const open = (encapsulated: Uint8Array) => openHpkeRecipient({ privateKey, encapsulated, info: 'plant' })
  expect(await open(Buffer.alloc(65, 4))).toBeUndefined()
  expect(await open(Buffer.alloc(3))).toBeUndefined()
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  const recipient = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  await expect(openHpkeSender({ recipient, info: 'plant' })).rejects.toThrow()
})
