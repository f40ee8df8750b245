/** Broken installations: the other installations of the organisation that steps would take a source or tag from. */
import type { InstallStep } from '@skerry/contract/market/installation'
import { brokenText, brokenUses } from '@skerry/core/market/dependents'
import type { KeyCall } from '../../http/call.ts'
import { fromJson } from '../../store/json-column.ts'
import { listInstallations } from '../installation-store.ts'

/** Rows that are read at once. */
const PAGE_ROWS = 200

/** The reason against the steps, or undefined. */
export async function brokenBy(
  { hub, organisationId }: Pick<KeyCall, 'hub' | 'organisationId'>,
  { name, steps }: { name: string; steps: readonly InstallStep[] },
): Promise<string | undefined> {
  let after: string | undefined
  for (;;) {
    const rows = await listInstallations(hub.store.db, { organisationId, limit: PAGE_ROWS, after })
    const others = rows.filter((row) => row.name !== name)
    const broken = brokenUses(
      steps,
      others.map((row) => ({ name: row.name, accepted: fromJson(row.accepted) })),
    )
    if (broken.length > 0) return brokenText(broken)
    if (rows.length < PAGE_ROWS) return undefined
    after = rows.at(-1)?.name
  }
}
