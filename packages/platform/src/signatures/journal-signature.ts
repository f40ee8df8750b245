/** Journal signature: entries of a device's journal, signed with the device's key as the payload of a DSSE envelope is. */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import type { JournalEntry } from '@skerry/contract/audit/device-journal'
import { hashFor, preAuthenticationEncoding } from './dsse.ts'

const PAYLOAD_TYPE = 'application/vnd.skerry.device-journal.v1'

/** Signs the hashes of entries; the key (PEM) is read once. */
export function journalSigner(privateKeyPem: string): (hash: JournalEntry['hash']) => string {
  const key = createPrivateKey(privateKeyPem)
  return (hash) => sign(hashFor(key), signedBytes(hash), key).toString('base64')
}

/** Whether the key (PEM, SPKI) signed an entry. What is no key has signed nothing. */
export function journalVerifier(publicKeyPem: string): (entry: Pick<JournalEntry, 'hash' | 'signature'>) => boolean {
  const key = keyOf(publicKeyPem)
  return ({ hash, signature }) =>
    key !== undefined && verify(hashFor(key), signedBytes(hash), key, Buffer.from(signature, 'base64'))
}

function keyOf(pem: string): KeyObject | undefined {
  try {
    const key = createPublicKey(pem)
    hashFor(key)
    return key
  } catch {
    return undefined
  }
}

const signedBytes = (hash: string) => preAuthenticationEncoding(PAYLOAD_TYPE, Buffer.from(hash))
