/** Connection file: what a source or a sink says, from the file in which control keeps it. */
import { readFile } from 'node:fs/promises'
import type { ConnectionStatus } from '@skerry/contract/connections/connection'
import type { Cause } from '@skerry/contract/devices/item'
import type { ParsedText } from '@skerry/contract/values/parse-text'

/** One that there should be: what it says is in the file. */
export type WantedConnection = { name: string; digest: ConnectionStatus['digest']; path: string }

/** What the text of a file says, or where it is wrong. Rejects where it is no JSON. */
type Parse<Said> = (text: string) => Promise<ParsedText<Said>>

/** The message says why this agent cannot run it. */
export async function readConnection<Said extends { name: string }>(
  parse: Parse<Said>,
  { path, name }: WantedConnection,
): Promise<ParsedText<Said>> {
  try {
    const parsed = await parse(await readFile(path, 'utf8'))
    if (parsed.ok && parsed.said.name === name) return parsed
    const where = parsed.ok ? 'it has another name' : parsed.message
    return { ok: false, message: `this agent cannot run it: ${where}`.slice(0, 500) }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { ok: false, message: `its file cannot be read: ${why}`.slice(0, 500) }
  }
}

/** Those that it names and the device has. */
export const pickSecrets = (
  secrets: Readonly<Record<string, string>>,
  names: readonly string[],
): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (secrets[name] === undefined ? [] : [[name, secrets[name]]])))

export const missingCause = (name: string): Cause => ({
  code: 'secret_missing',
  message: `the device has no secret ${name}; set it with "skerry secret set ${name}"`,
})
