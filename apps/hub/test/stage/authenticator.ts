/** An authenticator for tests: a key of its own, a counter, and whatever a thief or a foreign page would have it say. */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'

type Asked = { challenge: string; rp?: { id: string }; rpId?: string; user?: { id: string } }

type Lie = Partial<{
  origin: string
  rpId: string
  challenge: string
  type: string
  isVerified: boolean
  counter: number
  userHandle: string
  signature: Buffer
  format: string
}>

export type Authenticator = {
  id: string
  /** What a browser hands over of `navigator.credentials.create`. */
  make(asked: Asked, lie?: Lie): Record<string, unknown>
  /** What a browser hands over of `navigator.credentials.get`. */
  sign(asked: Asked, lie?: Lie): Record<string, unknown>
}

const sha256 = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest()
const base64url = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64url')

/** Of a page at `origin`. It counts how often it has signed, unless told what to say. */
export function newAuthenticator(origin: string): Authenticator {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  const id = randomBytes(32)
  let counter = 0
  let userHandle = ''
  const clientData = (type: string, { challenge }: Asked, lie: Lie) =>
    JSON.stringify({
      type: lie.type ?? type,
      challenge: lie.challenge ?? challenge,
      origin: lie.origin ?? origin,
      crossOrigin: false,
    })
  // [WebAuthn L3 6.1] Present 0x01, verified 0x04, with a new key 0x40.
  const head = (asked: Asked, lie: Lie, flags: number) => {
    const bytes = Buffer.alloc(37)
    sha256(lie.rpId ?? asked.rp?.id ?? asked.rpId ?? '').copy(bytes)
    bytes[32] = flags | 0x01 | (lie.isVerified === false ? 0 : 0x04)
    bytes.writeUInt32BE(lie.counter ?? counter, 33)
    return bytes
  }
  return {
    id: base64url(id),
    make(asked, lie = {}) {
      userHandle = asked.user?.id ?? ''
      // [RFC 9052 7] EC2, ES256, P-256.
      const key = cborMap([
        ...([
          [cborInt(1), cborInt(2)],
          [cborInt(3), cborInt(-7)],
          [cborInt(-1), cborInt(1)],
        ] as const),
        ...([
          [cborInt(-2), cborBytes(Buffer.from(x, 'base64url'))],
          [cborInt(-3), cborBytes(Buffer.from(y, 'base64url'))],
        ] as const),
      ])
      const length = Buffer.from([0, id.length])
      const authData = Buffer.concat([head(asked, lie, 0x40), Buffer.alloc(16), length, id, key])
      const attestationObject = cborMap([
        [cborText('fmt'), cborText(lie.format ?? 'none')],
        [cborText('attStmt'), cborMap([])],
        [cborText('authData'), cborBytes(authData)],
      ])
      const clientDataJSON = base64url(clientData('webauthn.create', asked, lie))
      return { id: base64url(id), clientDataJSON, attestationObject: base64url(attestationObject), transports: ['usb'] }
    },
    sign(asked, lie = {}) {
      counter += 1
      const data = clientData('webauthn.get', asked, lie)
      const authData = head(asked, lie, 0)
      const signature = lie.signature ?? sign('sha256', Buffer.concat([authData, sha256(data)]), privateKey)
      return {
        id: base64url(id),
        clientDataJSON: base64url(data),
        authenticatorData: base64url(authData),
        signature: base64url(signature),
        userHandle: lie.userHandle ?? userHandle,
      }
    },
  }
}

/** [RFC 8949 4.2.1] As short as it can be. */
function cborHead(major: number, value: number): Buffer {
  const first = major << 5
  if (value < 24) return Buffer.from([first | value])
  return value < 256 ? Buffer.from([first | 24, value]) : Buffer.from([first | 25, value >> 8, value & 255])
}
const cborInt = (value: number) => (value >= 0 ? cborHead(0, value) : cborHead(1, -1 - value))
const cborBytes = (bytes: Uint8Array) => Buffer.concat([cborHead(2, bytes.length), bytes])
const cborText = (text: string) => Buffer.concat([cborHead(3, Buffer.byteLength(text)), Buffer.from(text)])
const cborMap = (entries: readonly (readonly [Buffer, Buffer])[]) =>
  Buffer.concat([cborHead(5, entries.length), ...entries.flat()])
