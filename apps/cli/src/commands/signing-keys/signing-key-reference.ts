/** Signing key reference: the way to name a signing key: its name, or the beginning of its fingerprint. */
import type { SigningKey } from '@skerry/contract/models/trust'
import { exitCodes, Failure } from '../../program/failure.ts'
import type { Hub, Session } from '../../program/session.ts'

/** A shorter beginning is probably a typing error. */
const PREFIX_MIN = 8

/** Finds the named keys. Throws at the first name that fits no key, or several. */
export async function keyFinder({ client }: Hub, session: Session): Promise<(reference: string) => SigningKey> {
  const { keys } = await client.signingKey.list({}, { signal: session.signal })
  return (reference) => {
    const isMeant = ({ name, keyId }: SigningKey) =>
      name === reference || (reference.length >= PREFIX_MIN && keyId.startsWith(reference))
    const [found, second] = keys.filter(isMeant)
    if (found && !second) return found
    const message = found ? `several signing keys start with ${reference}` : `no signing key ${reference}`
    const next = '"skerry signing-key ls" lists them'
    throw new Failure({ code: 'signing_key_unknown', message, next, exitCode: exitCodes.failed })
  }
}
