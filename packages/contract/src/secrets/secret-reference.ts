/**
 * Secret reference: the name of a secret in place of a password or key. People write the name, and the device fills in
 * the value when it uses it.
 */
import * as z from 'zod'
import { SecretName } from './secret.ts'

export const SecretReference = z.strictObject({ secret: SecretName })
export type SecretReference = z.infer<typeof SecretReference>

/** Each name once, wherever in the value it stands. */
export function secretsNamedIn(value: unknown): SecretName[] {
  const names = new Set<SecretName>()
  collect(value, names)
  return [...names].sort()
}

function collect(value: unknown, names: Set<SecretName>): void {
  if (typeof value !== 'object' || value === null) return
  const reference = SecretReference.safeParse(value)
  if (reference.success) names.add(reference.data.secret)
  else for (const part of Object.values(value)) collect(part, names)
}
