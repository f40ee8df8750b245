/** Signed statement: a small JSON payload in a DSSE envelope, by the hub's signing key. */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import type { KeyPair } from '../certificates/private-key.ts'
import { hashFor, preAuthenticationEncoding, signingKeyId } from './dsse.ts'

type Envelope<Type extends string> = {
  payload: string
  payloadType: Type
  signatures: { sig: string; keyid: string }[]
}

export type OpenedStatement = { ok: true; statement: unknown } | { ok: false; message: string }

/** Signs statements of one type; the key is read once, because a fleet that connects needs thousands of signatures. */
export function statementSigner<Type extends string>(
  payloadType: Type,
  { privateKeyPem, publicKeyPem }: KeyPair,
): (statement: object) => Envelope<Type> {
  const key = createPrivateKey(privateKeyPem)
  const hash = hashFor(key)
  const keyid = signingKeyId(publicKeyPem)
  return (statement) => {
    const payload = Buffer.from(canonicalJson(statement))
    const sig = sign(hash, preAuthenticationEncoding(payloadType, payload), key).toString('base64')
    return { payload: payload.toString('base64'), payloadType, signatures: [{ sig, keyid }] }
  }
}

/**
 * Reads the payload that one of the trusted keys (PEM, SPKI) signed; nothing of it is parsed before the signature
 * holds. Each key is read once in a process: a device reads the same ones at each connection.
 */
export function statementOpener(
  payloadType: string,
  trustedKeys: readonly string[],
): (envelope: Envelope<string>) => OpenedStatement {
  const keys = new Map<string, KeyObject>(trustedKeys.map(readKey))
  return ({ payload, signatures }) => {
    const [{ sig, keyid } = { sig: '', keyid: '' }] = signatures
    const key = keys.get(keyid)
    if (!key)
      return { ok: false, message: `it is signed by the key ${keyid}, which this device did not learn when it joined` }
    const bytes = Buffer.from(payload, 'base64')
    if (!verify(hashFor(key), preAuthenticationEncoding(payloadType, bytes), key, Buffer.from(sig, 'base64'))) {
      return { ok: false, message: 'its signature does not fit it; one of them was changed' }
    }
    return { ok: true, statement: JSON.parse(bytes.toString('utf8')) }
  }
}

/** More than a device trusts at a time: the hub rotates its key now and then. */
const KEYS_MAX = 64

const keysRead = new Map<string, readonly [id: string, key: KeyObject]>()

function readKey(pem: string): readonly [id: string, key: KeyObject] {
  const known = keysRead.get(pem)
  if (known) return known
  if (keysRead.size >= KEYS_MAX) keysRead.clear()
  const read = [signingKeyId(pem), createPublicKey(pem)] as const
  keysRead.set(pem, read)
  return read
}
