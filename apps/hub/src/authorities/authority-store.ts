/** Authority store: authorities as records, and which devices show whose certificates. The first has its key in the folder of secrets, all others theirs in the vault. */
import type { Authority } from '@skerry/contract/authorities/authority'
import { AuthorityId, type DeviceId } from '@skerry/contract/values/ids'
import { certificatePemsIn, describeCertificate, fingerprintOf } from '@skerry/platform/certificates/certificate'
import type { Db, Tx } from '../store/store.ts'
import type { AuthorityTable } from '../store/tables/access/authority-tables.ts'

export const FIRST = AuthorityId.parse('first')

/** What the vault keeps its key under. */
export const keyNameOf = (id: AuthorityId) => `authority ${id}`

/** All of them, the oldest first. */
export const listAuthorities = (db: Db): Promise<AuthorityTable[]> =>
  db.selectFrom('authorities').selectAll().orderBy('created_at_ms').orderBy('id').execute()

/** Those that count, in the order in which they began to sign. */
export const trustedAuthorities = (db: Db): Promise<AuthorityTable[]> =>
  db
    .selectFrom('authorities')
    .selectAll()
    .where('state', 'in', ['active', 'trusted'])
    .orderBy('activated_at_ms')
    .orderBy('id')
    .execute()

/** Makes it, or puts it in the place of what it was. */
export async function saveAuthority(tx: Tx, row: AuthorityTable): Promise<void> {
  const { id: _, ...rest } = row
  await tx
    .insertInto('authorities')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(rest))
    .execute()
}

/** How many devices that may connect show whose. One that has never said is of the first, as all were before there was another. */
export async function countShown(db: Db): Promise<Map<AuthorityId, number>> {
  const rows = await db
    .selectFrom('devices')
    .select(({ fn }) => ['shown_authority', fn.countAll<number>().as('count')])
    .where('status', 'not in', ['pending', 'revoked'])
    .groupBy('shown_authority')
    .execute()
  const counts = new Map<AuthorityId, number>()
  for (const { shown_authority, count } of rows) {
    const id = shown_authority ?? FIRST
    counts.set(id, (counts.get(id) ?? 0) + count)
  }
  return counts
}

/** The device shows a certificate of this one, and trusts all that count. */
export async function noteShown(tx: Tx, deviceId: DeviceId, authority: AuthorityId): Promise<void> {
  await tx.updateTable('devices').set({ shown_authority: authority }).where('id', '=', deviceId).execute()
}

/** Its own certificate, then whoever signed it, up to the root. */
export function chainOf({ id, chain_pem }: AuthorityTable): readonly [string, ...string[]] {
  const [own, ...others] = certificatePemsIn(chain_pem ?? '')
  if (!own) throw new Error(`the authority ${id} has no certificate`)
  return [own, ...others]
}

export function authorityOf(row: AuthorityTable, devices: number): Authority {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    devices,
    createdAtMs: row.created_at_ms,
    ...(row.chain_pem !== null && certificateView(row, row.chain_pem)),
    ...(row.request_pem !== null && { requestPem: row.request_pem }),
    ...(row.activated_at_ms !== null && { activatedAtMs: row.activated_at_ms }),
    ...(row.retired_at_ms !== null && { retiredAtMs: row.retired_at_ms }),
  }
}

function certificateView(row: AuthorityTable, chainPem: string) {
  const chain = chainOf(row)
  const { subject, issuer, fingerprint, notAfterMs } = describeCertificate(chain[0])
  return {
    subject,
    issuer,
    fingerprint,
    notAfterMs,
    chainPem,
    rootFingerprint: fingerprintOf(chain.at(-1) ?? chain[0]),
  }
}
