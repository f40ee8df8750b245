/** Policy row store: all rules of an organisation about one thing in one row, with the person who set them last. */
import { fromJson, type Json } from '../store/json-column.ts'

export type PolicyRow<Rule> = { rules: Json<Rule[]>; revision: number; updated_at_ms: number; updated_by: string }

export type StoredPolicy<Rule> = { rules: Rule[]; revision: number; updatedAtMs?: number; updatedBy?: string }

/** The rules; none, at revision 0, if the organisation has never set them. */
export function policyOf<Rule>(row: PolicyRow<Rule> | undefined): StoredPolicy<Rule> {
  if (!row) return { rules: [], revision: 0 }
  const { rules, revision, updated_at_ms: updatedAtMs, updated_by: updatedBy } = row
  return { rules: fromJson(rules), revision, updatedAtMs, updatedBy }
}
