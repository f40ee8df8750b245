/** Connection file: the configuration of a source or a sink, from the file in which control keeps it. */
import { readFile } from 'node:fs/promises'
import type { ConnectionStatus } from '@skerry/contract/connections/connection'
import type { Cause } from '@skerry/contract/devices/item'
import type { ParsedText } from '@skerry/contract/values/parse-text'
import { type GateMemory, openLeaseGate } from '@skerry/platform/process/lease-gate'
import type { RunnerAnswer } from '../runner-message.ts'

/** A wanted connection: its configuration is in the file. */
export type WantedConnection = { name: string; digest: ConnectionStatus['digest']; path: string }

/** The configuration in the text of a file, or its mistake. Rejects if the text is not JSON. */
type Parse<Said> = (text: string) => Promise<ParsedText<Said>>

/** The message gives the reason why this agent cannot run it. */
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

/** The named secrets that the device has. */
export const pickSecrets = (
  secrets: Readonly<Record<string, string>>,
  names: readonly string[],
): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (secrets[name] === undefined ? [] : [[name, secrets[name]]])))

/** The answer to a test on the passive device of a pair; undefined if this device may use equipment. */
export function passiveAnswer(gate: GateMemory | undefined): RunnerAnswer | undefined {
  if (!gate || openLeaseGate(gate).epoch() !== undefined) return undefined
  return { ok: false, code: 'source_refused', message: PASSIVE }
}

const PASSIVE =
  'this device is not the active one of its pair, and touches no equipment; test on the active one, which "skerry pair ls" names'

export const missingCause = (name: string): Cause => ({
  code: 'secret_missing',
  message: `the device has no secret ${name}; set it with "skerry secret set ${name}"`,
})
