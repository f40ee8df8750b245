/** TLS: whom a connector trusts and who it is, with the secrets that the source names filled in. */

import type { SecretReference } from '@skerry/contract/secrets/secret-reference'
import type { Tls } from '@skerry/contract/sinks/broker'

type Secrets = Readonly<Record<string, string>>

/** What stands under the name of a secret. */
export function secretOf({ secret }: SecretReference, secrets: Secrets): string {
  const value = secrets[secret]
  if (value === undefined) throw new Error(`the device has no secret ${secret}`)
  return value
}

/** As node:tls takes it. The other side is always checked. */
export function tlsOptions({ ca, certificate, key, serverName }: Tls, secrets: Secrets) {
  const textOf = (text: string | SecretReference) => (typeof text === 'string' ? text : secretOf(text, secrets))
  return {
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca: textOf(ca) }),
    ...(certificate === undefined ? {} : { cert: textOf(certificate) }),
    ...(key === undefined ? {} : { key: secretOf(key, secrets) }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  }
}
