/** Sink secret: the value of a named secret, or a trouble that names the missing secret. */
import type { SecretReference } from '@skerry/contract/secrets/secret-reference'
import { type SinkDeps, SinkTrouble } from './sink.ts'

/** Throws `SinkTrouble` if the device does not have the secret. */
export function secretFor(reference: SecretReference, { secrets }: Pick<SinkDeps, 'secrets'>): string {
  const value = secrets[reference.secret]
  if (value !== undefined) return value
  throw new SinkTrouble('sink_unfit', `the device has no secret ${reference.secret}; set it with "skerry secret set"`)
}
