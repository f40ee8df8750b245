/** Git secrets: the encrypted secrets of a Git source. */
import type { OrganisationId } from '@skerry/contract/values/ids'
import { tellVaultError } from '../encryption/tell-vault-error.ts'
import type { Vault } from '../encryption/vault.ts'
import type { Db, Tx } from '../store/store.ts'
import type { GitSourceTable } from '../store/tables/systems/git-source-tables.ts'
import { changeGitSource, listGitSources } from './git-source-store.ts'

/** The text of the source's key, its token, and the secret of its webhook. */
export type GitSecrets = { key: string; token?: string | undefined; hook?: string | undefined }

const placeOf = ({ organisation_id, id }: Pick<GitSourceTable, 'organisation_id' | 'id'>) =>
  ({ organisationId: organisation_id, kind: 'git-source', id }) as const

type Sealed = Pick<GitSourceTable, 'organisation_id' | 'id' | 'sealed'>

export const sealSecrets = (
  tx: Tx,
  vault: Vault,
  row: Pick<GitSourceTable, 'organisation_id' | 'id'>,
  secrets: GitSecrets,
): Promise<string> => tellVaultError(() => vault.seal(tx, placeOf(row), Buffer.from(JSON.stringify(secrets))))

/** The hub itself wrote the text, so no schema parses it. */
export const openSecrets = async (db: Db, vault: Vault, row: Sealed): Promise<GitSecrets> =>
  JSON.parse((await vault.open(db, placeOf(row), row.sealed)).toString('utf8')) as GitSecrets

/** Encrypts the secrets with the newest data key. */
export async function resealGitSources(tx: Tx, vault: Vault, organisationId: OrganisationId): Promise<void> {
  for (const row of await listGitSources(tx, organisationId)) {
    const secrets = await openSecrets(tx, vault, row)
    await changeGitSource(tx, row, { sealed: await sealSecrets(tx, vault, row, secrets) })
  }
}
