/** Catalogue signature: the index of a catalogue in a DSSE envelope, by one publisher or several. */
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { CATALOGUE_PAYLOAD_TYPE, type CatalogueEnvelope, CatalogueIndex } from '@skerry/contract/market/catalogue'
import { SigningKeyId } from '@skerry/contract/models/trust'
import type { Digest } from '@skerry/contract/values/digest'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '../files/hash.ts'
import { hashFor, preAuthenticationEncoding, signingKeyId } from './dsse.ts'

/** Signs the index, spelled canonically. Throws for a key without an elliptic curve. */
export function signCatalogue(index: CatalogueIndex, privateKeysPem: readonly string[]): CatalogueEnvelope {
  const payload = Buffer.from(canonicalJson(index))
  const signatures = privateKeysPem.map((pem) => {
    const key = createPrivateKey(pem)
    const publicPem = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
    const sig = sign(hashFor(key), preAuthenticationEncoding(CATALOGUE_PAYLOAD_TYPE, payload), key)
    return { sig: sig.toString('base64'), keyid: SigningKeyId.parse(signingKeyId(publicPem)) }
  })
  return { payload: payload.toString('base64'), payloadType: CATALOGUE_PAYLOAD_TYPE, signatures }
}

export type OpenedCatalogue =
  | { ok: true; index: CatalogueIndex; digest: Digest }
  | { ok: false; code: 'catalogue_untrusted' | 'catalogue_unreadable'; message: string }

/**
 * The index that so many of the trusted keys (PEM, SPKI) have signed. Nothing of it is parsed before. A key counts once,
 * however often it signed.
 */
export function openCatalogue(
  { payload, payloadType, signatures }: CatalogueEnvelope,
  trustedKeys: readonly string[],
  needed: number,
): OpenedCatalogue {
  const keys = new Map(trustedKeys.map((pem) => [signingKeyId(pem), createPublicKey(pem)]))
  const bytes = Buffer.from(payload, 'base64')
  const encoded = preAuthenticationEncoding(payloadType, bytes)
  const signers = new Set(
    signatures.flatMap(({ sig, keyid }) => {
      const key = keys.get(keyid)
      return key && verify(hashFor(key), encoded, key, Buffer.from(sig, 'base64')) ? [keyid] : []
    }),
  )
  if (signers.size < needed) {
    const message = `${signers.size} of ${needed} needed signatures are by trusted keys; the index was changed, or its publisher has another key`
    return { ok: false, code: 'catalogue_untrusted', message }
  }
  const parsed = CatalogueIndex.safeParse(JSON.parse(bytes.toString('utf8')))
  if (parsed.success) return { ok: true, index: parsed.data, digest: digestOf(bytes) }
  const [issue] = parsed.error.issues
  return { ok: false, code: 'catalogue_unreadable', message: `${issue?.path.join('.')}: ${issue?.message}` }
}
