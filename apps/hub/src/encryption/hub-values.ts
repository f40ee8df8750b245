/** Hub values: what the hub keeps encrypted for itself, such as the keys of authorities: a few values, each under the encryption key itself. */
import { openBox, sealBox } from '@skerry/platform/sealing/secret-box'
import type { Db, Tx } from '../store/store.ts'
import type { HubValueTable } from '../store/tables/access/authority-tables.ts'
import type { EncryptionKey } from './key-source.ts'
import { VaultError } from './vault-error.ts'

export type HubValues = {
  /** Keeps it under the name, in place of what was there. Throws `VaultError` where there is no key. */
  keep(tx: Tx, name: string, plain: Uint8Array): Promise<void>
  /** Undefined where there is none of the name. */
  read(db: Db, name: string): Promise<Buffer | undefined>
  forget(tx: Tx, name: string): Promise<void>
  /** Puts all of them under this key. */
  turn(tx: Tx, key: EncryptionKey): Promise<void>
}

type Keys = { find(id: string): Promise<Uint8Array>; current(tx: Tx): Promise<string> }

export function createHubValues({ find, current }: Keys): HubValues {
  const save = (tx: Tx, row: HubValueTable) =>
    tx
      .insertInto('hub_values')
      .values(row)
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ key_id: row.key_id, sealed: row.sealed }))
      .execute()
  const seal = ({ id, key }: EncryptionKey, name: string, plain: Uint8Array): HubValueTable => ({
    name,
    key_id: id,
    sealed: Buffer.from(sealBox(key, plain, purposeOf(name))).toString('base64url'),
  })
  const open = async ({ name, key_id, sealed }: HubValueTable) => {
    const plain = openBox(await find(key_id), Buffer.from(sealed, 'base64url'), purposeOf(name))
    if (!plain)
      throw new VaultError(
        `the ${name} of the hub cannot be decrypted; the database was changed, or belongs to another hub`,
      )
    return plain
  }
  return {
    async keep(tx, name, plain) {
      const id = await current(tx)
      await save(tx, seal({ id, key: await find(id) }, name, plain))
    },
    async read(db, name) {
      const row = await db.selectFrom('hub_values').selectAll().where('name', '=', name).executeTakeFirst()
      return row && open(row)
    },
    async forget(tx, name) {
      await tx.deleteFrom('hub_values').where('name', '=', name).execute()
    },
    async turn(tx, key) {
      const rows = await tx.selectFrom('hub_values').selectAll().where('key_id', '!=', key.id).execute()
      for (const row of rows) await save(tx, seal(key, row.name, await open(row)))
    },
  }
}

const purposeOf = (name: string) => `skerry hub value v1\n${name}`
