/** Secret reference: where a password or key would stand in what people write down, there is the name of a secret. It is filled in where it is used. */
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
