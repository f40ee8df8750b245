/** Signing key reference: how people name a signing key: its name, or the beginning of its fingerprint. */
import type { SigningKey } from '@skerry/contract/models/trust'
import { exitCodes, Failure } from '../../program/failure.ts'
import type { Hub, Session } from '../../program/session.ts'

/** Shorter beginnings are typed by mistake. */
const PREFIX_MIN = 8

/** Finds those that are meant; throws at the first that is none, or several. */
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
