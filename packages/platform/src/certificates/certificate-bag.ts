/**
 * Certificate bag: certificates in the form in which EST sends them [RFC 7030 4.1.3]: a PKCS #7 message that signs nothing and holds nothing
 * else [RFC 5652 5.1, "certs-only"]. A few bytes of DER around what is there already, so no library is needed.
 */
import { X509Certificate } from 'node:crypto'

/** [X.690 8.1.3] One element: its tag, how long it is, what it holds. */
function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  if (content.length < 0x80) return Buffer.concat([Buffer.of(tag, content.length), content])
  const length = Buffer.from(content.length.toString(16).padStart(content.length > 0xffff ? 6 : 4, '0'), 'hex')
  const short = content.length < 0x100 ? length.subarray(1) : length
  return Buffer.concat([Buffer.of(tag, 0x80 | short.length), short, content])
}

const SEQUENCE = 0x30
const SET = 0x31
const INTEGER = 0x02
const OBJECT = 0x06
const CONTEXT_0 = 0xa0

/** [RFC 5652 4 and 5] 1.2.840.113549.1.7.2 and .1: signed data, data. */
const SIGNED_DATA = element(OBJECT, Buffer.from('2a864886f70d010702', 'hex'))
const DATA = element(OBJECT, Buffer.from('2a864886f70d010701', 'hex'))

/** The certificates (PEM), as DER. */
export function certificateBag(certificates: readonly string[]): Buffer {
  const ders = certificates.map((pem) => new X509Certificate(pem).raw)
  const signed = element(
    SEQUENCE,
    element(INTEGER, Buffer.of(1)),
    element(SET),
    element(SEQUENCE, DATA),
    element(CONTEXT_0, ...ders),
    element(SET),
  )
  return element(SEQUENCE, SIGNED_DATA, element(CONTEXT_0, signed))
}
