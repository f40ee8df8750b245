/**
 * HPKE: seals bytes so that only the holder of one P-256 key can open them [RFC 9180, base mode]: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256 and
 * AES-256-GCM, by `@hpke/core` over Web Crypto. Several messages go to one recipient in order, under one encapsulated key. The sender is not
 * authenticated: whoever needs that has it from the connection.
 */
import { createPrivateKey, createPublicKey, type KeyObject, type webcrypto } from 'node:crypto'
import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from '@hpke/core'
import type { KeyPair } from '../certificates/private-key.ts'

export type HpkeSender = {
  /** Goes to the recipient once, as it is. */
  encapsulated: Uint8Array
  /** Seals the next message. */
  seal(plain: Uint8Array, associated: string): Promise<Uint8Array>
}

export type HpkeRecipient = {
  /** Opens the next message; undefined where it is not the one that was sealed, for this recipient. It is the next still, then. */
  open(sealed: Uint8Array, associated: string): Promise<Buffer | undefined>
}

type SenderOptions = {
  /** PEM, SPKI. */
  recipient: string
  /** What it is for; the recipient must say the same. */
  info: string
  /** For tests against vectors only: whoever seals twice with one has sealed nothing. */
  ephemeral?: KeyPair
}

const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() })

/** [5.1.1, SetupBaseS] Begins a series of messages to the recipient. Rejects where the key is none of P-256. */
export async function openHpkeSender({ recipient, info, ephemeral }: SenderOptions): Promise<HpkeSender> {
  const sender = await suite.createSenderContext({
    recipientPublicKey: publicKeyFrom(createPublicKey(recipient)),
    info: bytesOf(info),
    ...(ephemeral && { ekm: keyPairFrom(ephemeral.privateKeyPem) }),
  })
  return {
    encapsulated: new Uint8Array(sender.enc),
    seal: async (plain, associated) => new Uint8Array(await sender.seal(whole(plain), bytesOf(associated))),
  }
}

type RecipientOptions = {
  /** PEM. */
  privateKey: string
  encapsulated: Uint8Array
  info: string
}

/** [5.1.1, SetupBaseR] Begins to open a series; undefined where what came is no key of P-256. */
export async function openHpkeRecipient(options: RecipientOptions): Promise<HpkeRecipient | undefined> {
  const recipientKey = keyPairFrom(options.privateKey)
  const about = { recipientKey, enc: whole(options.encapsulated), info: bytesOf(options.info) }
  const recipient = await suite.createRecipientContext(about).catch(() => undefined)
  return (
    recipient && {
      async open(sealed, associated) {
        const plain = await recipient.open(whole(sealed), bytesOf(associated)).catch(() => undefined)
        return plain && Buffer.from(plain)
      },
    }
  )
}

const ECDH_P256 = { name: 'ECDH', namedCurve: 'P-256' } as const

/** The private key stays where Node holds it: it cannot be exported from what is made here. */
function keyPairFrom(privateKeyPem: string): webcrypto.CryptoKeyPair {
  const key = createPrivateKey(privateKeyPem)
  return {
    privateKey: key.toCryptoKey(ECDH_P256, false, ['deriveBits']),
    publicKey: publicKeyFrom(createPublicKey(key)),
  }
}

const publicKeyFrom = (key: KeyObject) => key.toCryptoKey(ECDH_P256, true, [])

const bytesOf = (text: string) => whole(new TextEncoder().encode(text))

/** Just these bytes: a Buffer may be a part of a larger piece of memory. */
const whole = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer
