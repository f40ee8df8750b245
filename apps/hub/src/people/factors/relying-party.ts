/**
 * Relying party [WebAuthn L3 4]: what the hub is to authenticators, and whether what they answer is for it. It is loaded with the first passkey.
 *
 * No attestation is asked for, and none is looked at: which make an authenticator is of decides nothing here, and certificates that strangers
 * bring are not worth parsing.
 */
import { isIP } from 'node:net'
import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server'
import { decodeAttestationObject, isoBase64URL } from '@simplewebauthn/server/helpers'
import type { NewPasskey, PasskeyProof } from '@skerry/contract/people/passkey'
import type { PasskeyTable } from '../../store/tables/access/people-tables.ts'

/** [RFC 9053] ES256, EdDSA, RS256: what authenticators have. */
export const ALGORITHMS = [-7, -8, -257]

export type RelyingParty = { id: string; origin: string }

/** Undefined where the address is a number: [WebAuthn L3 5.1.2] a relying party is a domain. */
export function relyingPartyOf(publicUrl: string): RelyingParty | undefined {
  const { hostname, origin } = new URL(publicUrl)
  return isIP(hostname.replace(/^\[|\]$/g, '')) === 0 ? { id: hostname, origin } : undefined
}

type Asked = RelyingParty & { challenge: string }

export type MadePasskey = Pick<PasskeyTable, 'credential_id' | 'public_key' | 'counter' | 'is_synced'>

export type Verdict<T> = { ok: true; value: T } | { ok: false; reason: string }

/** Whether the authenticator has made it here, now, for a person whom it has verified. */
export function verifyNew(asked: Asked, { id, clientDataJSON, attestationObject }: NewPasskey) {
  return judged(async (): Promise<MadePasskey> => {
    refuseAttestation(attestationObject)
    const { registrationInfo } = await verifyRegistrationResponse({
      ...expectedOf(asked),
      response: {
        id,
        rawId: id,
        type: 'public-key',
        clientExtensionResults: {},
        response: { clientDataJSON, attestationObject },
      },
      supportedAlgorithmIDs: ALGORITHMS,
    })
    if (!registrationInfo) throw new Error('the signature is wrong')
    const { credential, credentialBackedUp } = registrationInfo
    return {
      credential_id: credential.id,
      public_key: isoBase64URL.fromBuffer(credential.publicKey),
      counter: credential.counter,
      is_synced: credentialBackedUp ? 1 : 0,
    }
  })
}

/** [WebAuthn L3 5.4.7] `none`, or a packed one by the new key itself, which some browsers leave. */
function refuseAttestation(attestationObject: string): void {
  const decoded = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject))
  const isPlain = decoded.get('fmt') === 'none' || decoded.get('fmt') === 'packed'
  if (!isPlain || decoded.get('attStmt').get('x5c') !== undefined)
    throw new Error('the hub did not request an attestation')
}

/** Whether the passkey has signed this, here, now, for a person whom it has verified; gives its new counter. */
export function verifyProof(asked: Asked, row: PasskeyTable, proof: PasskeyProof): Promise<Verdict<number>> {
  return judged(async () => {
    const { id, userHandle, ...response } = proof
    if (userHandle !== handleOf(row.user_id)) throw new Error('the passkey belongs to another person')
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      ...expectedOf(asked),
      response: {
        id,
        rawId: id,
        type: 'public-key',
        clientExtensionResults: {},
        response: { ...response, userHandle },
      },
      credential: {
        id: row.credential_id,
        publicKey: isoBase64URL.toBuffer(row.public_key),
        counter: row.counter,
      },
    })
    if (!verified) throw new Error('the signature is wrong')
    return authenticationInfo.newCounter
  })
}

/** [WebAuthn L3 14.6.1] What an authenticator knows a person by: nothing that says who it is. */
export const handleOf = (userId: string): string => Buffer.from(userId).toString('base64url')

const expectedOf = ({ id, origin, challenge }: Asked) => ({
  expectedChallenge: challenge,
  expectedOrigin: origin,
  expectedRPID: id,
  requireUserVerification: true,
})

/** Whatever the library throws is about what it was given. */
async function judged<T>(work: () => Promise<T>): Promise<Verdict<T>> {
  try {
    return { ok: true, value: await work() }
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message.slice(0, 200) : 'unknown' }
  }
}
