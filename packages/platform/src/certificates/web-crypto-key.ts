/**
 * Web Crypto key: our PEM keys as @peculiar/x509 wants them. Imported through the global `crypto`, whose types are the ones that the
 * library names, with or without a browser's types around.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'

/** [RFC 7518] ES256: ECDSA on P-256 with SHA-256, in WebCrypto's words. */
export const ES256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** Curves of at least 128 bits of strength, in OpenSSL's words and in WebCrypto's. */
const CURVES = new Map([
  ['prime256v1', 'P-256'],
  ['secp384r1', 'P-384'],
  ['secp521r1', 'P-521'],
])

/** WebCrypto's name of the key's curve; undefined for weak curves and for keys that have none. */
export const strongCurveOf = (key: KeyObject): string | undefined =>
  CURVES.get(key.asymmetricKeyDetails?.namedCurve ?? '')

/** A P-256 private key that can sign. */
export function importSigningKey(privateKeyPem: string) {
  const der = createPrivateKey(privateKeyPem).export({ type: 'pkcs8', format: 'der' })
  return crypto.subtle.importKey('pkcs8', new Uint8Array(der), ES256, false, ['sign'])
}

/** A public key on any of the strong curves. */
export function importPublicKey(publicKeyPem: string) {
  const key = createPublicKey(publicKeyPem)
  const namedCurve = strongCurveOf(key)
  if (!namedCurve) throw new Error('the key is not on P-256, P-384 or P-521')
  const der = key.export({ type: 'spki', format: 'der' })
  return crypto.subtle.importKey('spki', new Uint8Array(der), { name: 'ECDSA', namedCurve }, true, ['verify'])
}
