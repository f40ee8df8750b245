/** Catalogue signature: the index of a catalogue in a DSSE envelope, by one publisher or several. */
import { CATALOGUE_PAYLOAD_TYPE, type CatalogueEnvelope, CatalogueIndex } from '@skerry/contract/market/catalogue'
import type { Digest } from '@skerry/contract/values/digest'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '../files/hash.ts'
import { signersOf, signPayload } from './dsse-envelope.ts'

/** Signs the index, spelled canonically. Throws for a key without an elliptic curve. */
export function signCatalogue(index: CatalogueIndex, privateKeysPem: readonly string[]): CatalogueEnvelope {
  const payload = Buffer.from(canonicalJson(index))
  const signatures = signPayload(CATALOGUE_PAYLOAD_TYPE, payload, privateKeysPem)
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
  envelope: CatalogueEnvelope,
  trustedKeys: readonly string[],
  needed: number,
): OpenedCatalogue {
  const signers = new Set(signersOf(envelope, trustedKeys))
  if (signers.size < needed) {
    const message = `${signers.size} of ${needed} needed signatures are by trusted keys; the index was changed, or its publisher has another key`
    return { ok: false, code: 'catalogue_untrusted', message }
  }
  const bytes = Buffer.from(envelope.payload, 'base64')
  const parsed = CatalogueIndex.safeParse(JSON.parse(bytes.toString('utf8')))
  if (parsed.success) return { ok: true, index: parsed.data, digest: digestOf(bytes) }
  const [issue] = parsed.error.issues
  return { ok: false, code: 'catalogue_unreadable', message: `${issue?.path.join('.')}: ${issue?.message}` }
}
