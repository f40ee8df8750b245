/** The version that a reference names, or the contract's problem. */
import { throwProblem } from '../http/problem.ts'
import type { Db } from '../store/store.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'
import { type ModelKey, resolveVersion } from './version-store.ts'

/** Throws the contract's problem if there is no such version. */
export async function knownVersion(db: Db, key: ModelKey, reference: string): Promise<VersionTable> {
  const resolved = await resolveVersion(db, key, reference)
  return resolved.ok ? resolved.version : throwProblem(resolved)
}
