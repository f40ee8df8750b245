/** Passkeys: what the browser does with authenticators, between two calls of the hub. */
import { ProblemError } from '@skerry/client/problem'
import type { NewPasskey, PasskeyProof } from '@skerry/contract/people/passkey'
import { passkeyTexts } from '../pages/account/english-passkeys.ts'
import { hub } from './hub-client.ts'

const words = passkeyTexts.failed

/** Why there are none here; undefined where there are. */
export function missingPasskeys(): string | undefined {
  // [WebAuthn L3 5.1.2] They belong to a domain.
  if (/^[\d.]+$|^\[/.test(window.location.hostname)) return passkeyTexts.unavailable.number
  const isThere = 'PublicKeyCredential' in window && 'parseCreationOptionsFromJSON' in PublicKeyCredential
  return isThere ? undefined : passkeyTexts.unavailable.browser
}

/** Has one made, and adds it to the account. */
export async function addPasskey(name: string): Promise<void> {
  const options = await hub.account.beginPasskey({})
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options)
  const { id, response } = await credentialOf(navigator.credentials.create({ publicKey }))
  const { clientDataJSON, attestationObject, transports } = response as Partial<NewPasskey>
  await hub.account.addPasskey({ name, passkey: { id, clientDataJSON, attestationObject, transports } as NewPasskey })
}

/** Signs in with whichever the person chooses. */
export async function signInWithPasskey(): Promise<{ expiresAtMs: number }> {
  const options = await hub.account.beginPasskeySignIn({})
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options)
  const { id, response } = await credentialOf(navigator.credentials.get({ publicKey }))
  const { clientDataJSON, authenticatorData, signature, userHandle } = response as Partial<PasskeyProof>
  const passkey = { id, clientDataJSON, authenticatorData, signature, userHandle } as PasskeyProof
  return hub.account.signInWithPasskey({ passkey })
}

/** [WebAuthn L3 5.1.9] In JSON, where all bytes are base64url, as the hub takes them. */
async function credentialOf(asked: Promise<Credential | null>): Promise<{ id: string; response: unknown }> {
  try {
    const credential = await asked
    if (credential instanceof PublicKeyCredential) return credential.toJSON()
  } catch (error) {
    throw new ProblemError({ code: 'passkey_unmade', message: wordsOf(error), status: 0 })
  }
  throw new ProblemError({ code: 'passkey_unmade', message: words.other, status: 0 })
}

/** [WebAuthn L3 5.1.3, 5.1.4] */
function wordsOf(error: unknown): string {
  const name = error instanceof DOMException ? error.name : ''
  if (name === 'NotAllowedError' || name === 'AbortError') return words.cancelled
  if (name === 'InvalidStateError') return words.known
  if (name === 'SecurityError') return words.elsewhere
  return name === 'ConstraintError' || name === 'NotSupportedError' ? words.unable : words.other
}
