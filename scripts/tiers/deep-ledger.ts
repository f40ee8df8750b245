/** Deep ledger: which part of the deep tier passed at which commit, in a file that is committed with the work. */
import { readFile, writeFile } from 'node:fs/promises'
import * as z from 'zod'

export const LEDGER_PATH = 'test/deep-ledger.json'

const Entry = z.strictObject({
  /** The commit whose tree was tested; the tree had no changes of its own. */
  commit: z.string().regex(/^[0-9a-f]{40}$/),
  tests: z.int().min(0),
  seconds: z.number().min(0),
})

const Ledger = z.record(z.string(), Entry)
export type DeepLedger = z.infer<typeof Ledger>

/** Empty if there is none yet. */
export async function readLedger(path: string): Promise<DeepLedger> {
  const text = await readFile(path, 'utf8').catch(() => '{}')
  return Ledger.parse(JSON.parse(text))
}

/** Sorted, so that two people who ran different parts can merge. */
export function writeLedger(path: string, ledger: DeepLedger): Promise<void> {
  const sorted = Object.fromEntries(Object.entries(ledger).sort(([a], [b]) => (a < b ? -1 : 1)))
  return writeFile(path, `${JSON.stringify(sorted, undefined, 2)}\n`)
}
