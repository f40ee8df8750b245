/** Intrusion webhook store: whom each organisation has told of findings, how far that has got, what stands in the way, what was given up. */

import type { IntrusionWebhook } from '@skerry/contract/intrusion/intrusion-webhook'
import type { IntrusionId, OrganisationId } from '@skerry/contract/values/ids'
import type { Vault } from '../encryption/vault.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { IntrusionTable, IntrusionWebhookTable } from '../store/tables/intrusion-tables.ts'

export const webhookSecretPlace = (organisationId: OrganisationId) =>
  ({ organisationId, kind: 'webhook-secret', id: 'intrusion' }) as const

export const findWebhook = (db: Db, organisationId: OrganisationId): Promise<IntrusionWebhookTable | undefined> =>
  db.selectFrom('intrusion_webhooks').selectAll().where('organisation_id', '=', organisationId).executeTakeFirst()

export const listWebhooks = (db: Db): Promise<IntrusionWebhookTable[]> =>
  db.selectFrom('intrusion_webhooks').selectAll().orderBy('organisation_id').execute()

export async function saveWebhook(tx: Tx, row: IntrusionWebhookTable): Promise<void> {
  const { organisation_id: _, ...columns } = row
  await tx
    .insertInto('intrusion_webhooks')
    .values(row)
    .onConflict((conflict) => conflict.column('organisation_id').doUpdateSet(columns))
    .execute()
}

export async function forgetWebhook(tx: Tx, organisationId: OrganisationId): Promise<void> {
  await tx.deleteFrom('intrusion_webhooks').where('organisation_id', '=', organisationId).execute()
}

type Columns = Omit<IntrusionWebhookTable, 'organisation_id' | 'revision'>

/** Nothing where somebody has wished otherwise meanwhile. */
export async function changeWebhook(
  tx: Tx,
  { organisation_id, revision }: Pick<IntrusionWebhookTable, 'organisation_id' | 'revision'>,
  columns: Partial<Columns>,
): Promise<void> {
  await tx
    .updateTable('intrusion_webhooks')
    .set(columns)
    .where('organisation_id', '=', organisation_id)
    .where('revision', '=', revision)
    .execute()
}

/** Under the newest data key. */
export async function resealWebhookSecret(tx: Tx, vault: Vault, organisationId: OrganisationId): Promise<void> {
  const row = await findWebhook(tx, organisationId)
  if (!row) return
  const place = webhookSecretPlace(organisationId)
  const plain = await vault.open(tx, place, row.secret)
  await changeWebhook(tx, row, { secret: await vault.seal(tx, place, plain) })
}

/**
 * Findings are made in the order of the trail, those of one record in one transaction: none comes later before the place that is done with.
 */
const waitingFor = (db: Db, { organisation_id, done_sequence, done_id }: IntrusionWebhookTable) =>
  db
    .selectFrom('intrusions')
    .where('organisation_id', '=', organisation_id)
    .where(({ eb, refTuple, tuple }) =>
      eb(refTuple('sequence', 'id'), '>', tuple(done_sequence, done_id as IntrusionId)),
    )

/** The first finding that waits. */
export const nextFinding = (db: Db, row: IntrusionWebhookTable): Promise<IntrusionTable | undefined> =>
  waitingFor(db, row).selectAll().orderBy('sequence').orderBy('id').limit(1).executeTakeFirst()

export async function webhookOf(db: Db, row: IntrusionWebhookTable): Promise<IntrusionWebhook> {
  const { waiting } = await waitingFor(db, row)
    .select(({ fn }) => fn.countAll<number>().as('waiting'))
    .executeTakeFirstOrThrow()
  const first = await nextFinding(db, row)
  return {
    url: row.url,
    waiting: Number(waiting),
    givenUp: fromJson(row.given_up),
    ...(first && { waitingSinceMs: first.found_at_ms }),
    ...(row.sent_at_ms !== null && { sentAtMs: row.sent_at_ms }),
    ...(row.problem !== null && { problem: fromJson(row.problem) }),
  }
}
