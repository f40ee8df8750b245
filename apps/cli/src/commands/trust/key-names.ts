/** Key names: the names of signing keys, for tables that state who must sign. */
import type { Hub } from '../../program/session.ts'

/** The name of a key by its id. An unknown key keeps its id. */
export async function keyNames({ client }: Hub, signal: AbortSignal): Promise<(keyId: string) => string> {
  const { keys } = await client.signingKey.list({}, { signal })
  const names = new Map<string, string>(keys.map(({ keyId, name }) => [keyId, name]))
  return (keyId) => names.get(keyId) ?? keyId
}
