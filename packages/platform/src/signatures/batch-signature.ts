/** Batch signature: the statement of a batch in a DSSE envelope, by the same key, and with the same hashes, as the models of the hub. */
import { createPublicKey, sign, verify } from 'node:crypto'
import { BATCH_PAYLOAD_TYPE, type BatchEnvelope, BatchStatement } from '@skerry/contract/batches/job'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import type { KeyPair } from '../certificates/private-key.ts'
import { hashFor, preAuthenticationEncoding, signingKeyId } from './dsse.ts'

type Problem = 'job_signature_invalid' | 'job_signature_untrusted' | 'job_unreadable'
export type BatchVerdict = { ok: true; statement: BatchStatement } | { ok: false; code: Problem; message: string }

/** Signs the statement, spelled canonically. */
export function signBatch(statement: BatchStatement, { privateKeyPem, publicKeyPem }: KeyPair): BatchEnvelope {
  const payload = Buffer.from(canonicalJson(statement))
  const hash = hashFor(createPublicKey(publicKeyPem))
  const signature = sign(hash, preAuthenticationEncoding(BATCH_PAYLOAD_TYPE, payload), privateKeyPem)
  return {
    payload: payload.toString('base64'),
    payloadType: BATCH_PAYLOAD_TYPE,
    signatures: [{ sig: signature.toString('base64'), keyid: signingKeyId(publicKeyPem) }],
  }
}

/** What one of the trusted keys (PEM, SPKI) has signed. Nothing of the payload is believed, or even parsed, before the signature holds. */
export function verifyBatch(envelope: BatchEnvelope, trustedKeys: readonly string[]): BatchVerdict {
  const [{ sig, keyid } = { sig: '', keyid: '' }] = envelope.signatures
  const trusted = trustedKeys.find((pem) => signingKeyId(pem) === keyid)
  if (!trusted) {
    const message = `the batch is signed by the key ${keyid}, which this device does not trust; join it again`
    return { ok: false, code: 'job_signature_untrusted', message }
  }
  const payload = Buffer.from(envelope.payload, 'base64')
  const key = createPublicKey(trusted)
  const signed = preAuthenticationEncoding(envelope.payloadType, payload)
  if (!verify(hashFor(key), signed, key, Buffer.from(sig, 'base64'))) {
    const message = 'the signature of the batch does not fit it; one of them was changed'
    return { ok: false, code: 'job_signature_invalid', message }
  }
  const statement = statementIn(payload)
  if (statement) return { ok: true, statement }
  return { ok: false, code: 'job_unreadable', message: 'the agent cannot read the signed batch; update the agent' }
}

function statementIn(payload: Buffer): BatchStatement | undefined {
  try {
    return BatchStatement.safeParse(JSON.parse(payload.toString('utf8'))).data
  } catch {
    return undefined
  }
}
