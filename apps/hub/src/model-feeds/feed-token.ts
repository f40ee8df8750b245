/** Feed token: the encrypted token of a model feed. */
import type { OrganisationId } from '@skerry/contract/values/ids'
import { tellVaultError } from '../encryption/tell-vault-error.ts'
import type { Vault } from '../encryption/vault.ts'
import type { Db, Tx } from '../store/store.ts'
import type { ModelFeedTable } from '../store/tables/systems/model-feed-tables.ts'
import { changeModelFeed, listModelFeeds } from './model-feed-store.ts'

type FeedKey = Pick<ModelFeedTable, 'organisation_id' | 'id'>

const placeOf = ({ organisation_id, id }: FeedKey) =>
  ({ organisationId: organisation_id, kind: 'model-feed', id }) as const

/** The encrypted token; null without one. */
export const sealToken = async (
  tx: Tx,
  vault: Vault,
  row: FeedKey,
  token: string | undefined,
): Promise<string | null> =>
  token === undefined ? null : tellVaultError(() => vault.seal(tx, placeOf(row), Buffer.from(token)))

/** The token in plain text; undefined without one. */
export const openToken = async (
  db: Db,
  vault: Vault,
  row: FeedKey & Pick<ModelFeedTable, 'sealed'>,
): Promise<string | undefined> =>
  row.sealed === null ? undefined : (await vault.open(db, placeOf(row), row.sealed)).toString('utf8')

/** Encrypts the tokens with the newest data key. */
export async function resealModelFeeds(tx: Tx, vault: Vault, organisationId: OrganisationId): Promise<void> {
  for (const row of await listModelFeeds(tx, organisationId)) {
    if (row.sealed === null) continue
    await changeModelFeed(tx, row, { sealed: await sealToken(tx, vault, row, await openToken(tx, vault, row)) })
  }
}
