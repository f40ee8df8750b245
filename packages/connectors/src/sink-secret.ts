/** Sink secret: what stands behind the name of a secret, or a trouble that says what is missing. */
import type { SecretReference } from '@skerry/contract/secrets/secret-reference'
import { type SinkDeps, SinkTrouble } from './sink.ts'

/** Throws `SinkTrouble` where there is no such secret on this device. */
export function secretFor(reference: SecretReference, { secrets }: Pick<SinkDeps, 'secrets'>): string {
  const value = secrets[reference.secret]
  if (value !== undefined) return value
  throw new SinkTrouble('sink_unfit', `the device has no secret ${reference.secret}; set it with "skerry secret set"`)
}
