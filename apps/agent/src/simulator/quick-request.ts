/**
 * Quick request: a key and its certificate request (PKCS #10), made for thousands of devices at once. The form is fixed, so it is spelled here
 * in DER: the library that the agent uses takes 37 MB and ten times as long, which matters to nobody who makes one.
 */
import { generateKeyPairSync, sign } from 'node:crypto'

export type KeyAndRequest = { privateKeyPem: string; csr: string }

const ECDSA_WITH_SHA256 = Buffer.from('300a06082a8648ce3d040302', 'hex')
const COMMON_NAME = Buffer.from('0603550403', 'hex')
const INTEGER_0 = Buffer.from('020100', 'hex')
const NO_ATTRIBUTES = Buffer.from('a000', 'hex')
const [SEQUENCE, SET, UTF8_STRING, BIT_STRING] = [0x30, 0x31, 0x0c, 0x03] as const

/** A new P-256 key, and the request that it signs. The hub decides the subject, whatever the request says. */
export function makeKeyAndRequest(commonName: string): KeyAndRequest {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const subject = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8_STRING, Buffer.from(commonName)))))
  const key = publicKey.export({ type: 'spki', format: 'der' })
  // [RFC 2986 4.1] version, subject, subjectPKInfo, attributes
  const information = der(SEQUENCE, INTEGER_0, subject, key, NO_ATTRIBUTES)
  const signature = sign('sha256', information, privateKey)
  const request = der(SEQUENCE, information, ECDSA_WITH_SHA256, der(BIT_STRING, Buffer.of(0), signature))
  return {
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    csr: `-----BEGIN CERTIFICATE REQUEST-----\n${lines(request.toString('base64'))}\n-----END CERTIFICATE REQUEST-----\n`,
  }
}

/** [X.690 8.1.3] A tag, the length in its short form or in the long one, the content. */
function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content)
  const { length } = body
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), body])
  if (length < 0x100) return Buffer.concat([Buffer.of(tag, 0x81, length), body])
  return Buffer.concat([Buffer.of(tag, 0x82, length >> 8, length & 0xff), body])
}

/** [RFC 7468 2] 64 characters a line. */
const lines = (text: string) => (text.match(/.{1,64}/g) ?? []).join('\n')
