/**
 * Vault: encrypts secret values in the database [envelope encryption]. Each organisation has data keys of its own. The
 * database stores them wrapped with an encryption key that never enters it (key-source.ts). A ciphertext is bound to
 * its record: if somebody moves it to another row, the vault cannot decrypt it.
 *
 *     encryption key ── wraps ──▶ data key of an organisation ── encrypts ──▶ value     v1.<data key>.<base64url>
 *
 * The database names the encryption key that wraps new data keys. A newer key counts only after a rekey, so that every
 * hub can get it first.
 */
import { randomBytes } from 'node:crypto'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { Log } from '@skerry/platform/process/log'
import { generateSecretKey, openBox, sealBox } from '@skerry/platform/sealing/secret-box'
import type { Db, Store, Tx } from '../store/store.ts'
import { ONLY } from '../store/tables/hub-tables.ts'
import type { DataKeyTable } from '../store/tables/secret-tables.ts'
import { createHubValues, type HubValues } from './hub-values.ts'
import type { EncryptionKey, KeySource, ReadKeys } from './key-source.ts'
import { VaultError } from './vault-error.ts'

/** The record that a ciphertext belongs to. */
export type VaultPlace = {
  organisationId: OrganisationId
  kind: 'secret' | 'signing-key' | 'syslog-key' | 'webhook-secret' | 'git-source' | 'model-feed'
  id: string
}

export type Vault = {
  /** Encrypts with the organisation's newest data key, and creates the first one if there is none. */
  seal(tx: Tx, place: VaultPlace, plain: Uint8Array): Promise<string>
  /** Throws `VaultError` if it cannot decrypt the value. */
  open(db: Db, place: VaultPlace, sealed: string): Promise<Buffer>
  /** Reads the encryption keys again. */
  reread(): Promise<ReadKeys>
  /**
   * Makes the newest encryption key the current one: every data key is wrapped with it, and the organisation gets a new
   * data key. Returns the key's name.
   */
  turn(tx: Tx, organisationId: OrganisationId, nowMs: number): Promise<string>
  /** Deletes the organisation's data keys that encrypt nothing any more. */
  forgetUnused(tx: Tx, organisationId: OrganisationId): Promise<void>
  /** Values that belong to no organisation. */
  own: HubValues
}

export type OpenVaultResult =
  | { ok: true; vault: Vault }
  | {
      ok: false
      code: 'encryption_key_missing' | 'encryption_key_unreadable' | 'encryption_key_wrong'
      message: string
    }

/**
 * Reads the encryption keys, or creates the first one. If something is encrypted, all keys in use must be available. A
 * hub that encrypts nothing yet also starts without a key, such as on a read-only folder, or beside another hub that
 * has one. The first secret is rejected there.
 */
export async function openVault(
  store: Store,
  source: KeySource,
  log: Pick<Log, 'warn'>,
  signal: AbortSignal,
): Promise<OpenVaultResult> {
  const found = await source.read(signal)
  // The transaction holds the lock, so that only one of several starting hubs creates the key.
  return store.transaction(async (tx): Promise<OpenVaultResult> => {
    const known = await tx.selectFrom('hub_encryption').selectAll().executeTakeFirst()
    const needed = [
      ...(await tx.selectFrom('data_keys').select('key_id').distinct().execute()),
      ...(await tx.selectFrom('hub_values').select('key_id').distinct().execute()),
    ]
    const read = known ? found : await makeFirst(source, found, log, signal)
    const isNeeded = needed.length > 0
    if (!read.ok && (isNeeded || read.code !== 'encryption_key_missing')) {
      return { ...read, message: `${read.message}; restore it from its backup` }
    }
    const keys = read.ok ? read.keys : []
    if (!read.ok) log.warn('encryption_key_missing', { message: read.message })
    const missing = needed.find(({ key_id }) => !keys.some(({ id }) => id === key_id))
    if (missing) return { ok: false, code: 'encryption_key_wrong', message: wrongKey(missing.key_id, source) }
    const [newest] = keys
    if (newest && !isNeeded) await count(tx, newest.id)
    return { ok: true, vault: createVault(source, keys, signal) }
  })
}

const wrongKey = (id: string, { name }: KeySource) =>
  `the database is encrypted under the key ${id}, which ${name} does not hold; add it as a further line, from its backup`

/** Makes this encryption key the current one. */
async function count(tx: Tx, id: string): Promise<void> {
  await tx
    .insertInto('hub_encryption')
    .values({ id: ONLY, key_id: id })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ key_id: id }))
    .execute()
}

async function makeFirst(
  source: KeySource,
  found: ReadKeys,
  log: Pick<Log, 'warn'>,
  signal: AbortSignal,
): Promise<ReadKeys> {
  if (found.ok || found.code !== 'encryption_key_missing' || !source.make) return found
  // Another hub may have created it since.
  const again = await source.read(signal)
  if (again.ok) return again
  try {
    await source.make()
  } catch (error) {
    log.warn('encryption_key_unmade', { error })
    return found
  }
  return source.read(signal)
}

function createVault(source: KeySource, first: readonly EncryptionKey[], signal: AbortSignal): Vault {
  const ring = createRing(source, first, signal)
  const own = createHubValues({ find: ring.find, current: (tx) => current(tx, ring) })
  /** Decrypted data keys. An organisation has one, and two while the key is rotated. */
  const dataKeys = new Map<string, Uint8Array>()
  const unwrap = async (row: DataKeyTable) => {
    const key =
      dataKeys.get(row.id) ?? openBox(await ring.find(row.key_id), Buffer.from(row.wrapped, 'base64url'), wrapOf(row))
    if (!key)
      throw new VaultError(
        `the data key ${row.id} cannot be decrypted; the database was changed, or belongs to another hub`,
      )
    dataKeys.set(row.id, key)
    return key
  }
  const make = async (tx: Tx, organisationId: OrganisationId, wrappedUnder: string, nowMs: number) => {
    const key = generateSecretKey()
    const row = { id: randomBytes(12).toString('hex'), organisation_id: organisationId, created_at_ms: nowMs }
    const wrapped = sealBox(await ring.find(wrappedUnder), key, wrapOf(row))
    const made = { ...row, wrapped: Buffer.from(wrapped).toString('base64url'), key_id: wrappedUnder }
    await tx.insertInto('data_keys').values(made).execute()
    return made
  }
  return {
    own,
    async seal(tx, place, plain) {
      const known = await newest(tx, place.organisationId)
      const row = known ?? (await make(tx, place.organisationId, await current(tx, ring), 0))
      return `v1.${row.id}.${Buffer.from(sealBox(await unwrap(row), plain, purposeOf(place, row.id))).toString('base64url')}`
    },
    async open(db, place, sealed) {
      const [version, id = '', text = ''] = sealed.split('.')
      const row = await db.selectFrom('data_keys').selectAll().where('id', '=', id).executeTakeFirst()
      if (version !== 'v1' || row?.organisation_id !== place.organisationId) {
        throw new VaultError(`the data key of ${place.kind} ${place.id} is missing; restore the database from a backup`)
      }
      const plain = openBox(await unwrap(row), Buffer.from(text, 'base64url'), purposeOf(place, id))
      if (!plain)
        throw new VaultError(`${place.kind} ${place.id} cannot be decrypted; the database was changed. Set it again`)
      return plain
    },
    reread: ring.reread,
    async turn(tx, organisationId, nowMs) {
      const encryptionKey = ring.newest()
      for (const row of await tx
        .selectFrom('data_keys')
        .selectAll()
        .where('key_id', '!=', encryptionKey.id)
        .execute()) {
        const wrapped = Buffer.from(sealBox(encryptionKey.key, await unwrap(row), wrapOf(row))).toString('base64url')
        await tx.updateTable('data_keys').set({ wrapped, key_id: encryptionKey.id }).where('id', '=', row.id).execute()
      }
      await own.turn(tx, encryptionKey)
      await count(tx, encryptionKey.id)
      // Later than the key before it, regardless of the clock, because the newest counts.
      const { created_at_ms = 0 } = (await newest(tx, organisationId)) ?? {}
      await make(tx, organisationId, encryptionKey.id, Math.max(nowMs, created_at_ms + 1))
      return encryptionKey.id
    },
    forgetUnused,
  }
}

/** The current encryption key. If there was none, the first available key becomes current. */
async function current(tx: Tx, ring: Ring): Promise<string> {
  const known = await tx.selectFrom('hub_encryption').select('key_id').executeTakeFirst()
  if (known) return known.key_id
  await ring.reread()
  const { id } = ring.newest()
  await count(tx, id)
  return id
}

type Ring = ReturnType<typeof createRing>

function createRing(source: KeySource, first: readonly EncryptionKey[], signal: AbortSignal) {
  let keys = first
  const reread = async () => {
    const read = await source.read(signal)
    if (read.ok) keys = read.keys
    return read
  }
  const known = (id: string) => keys.find((each) => each.id === id)?.key
  return {
    reread,
    newest(): EncryptionKey {
      const [newest] = keys
      if (!newest) throw new VaultError(`${source.name} holds no encryption key; "openssl rand -base64 32" makes one`)
      return newest
    },
    /** Another hub may have started to use a key that was added since. */
    async find(id: string): Promise<Uint8Array> {
      if (!known(id)) await reread()
      const key = known(id)
      if (!key) throw new VaultError(`${source.name} does not hold the encryption key ${id}; add it as a further line`)
      return key
    },
  }
}

/** If there are two, the one that a rekey made: the first one has no time. */
const newest = (db: Db, organisationId: OrganisationId) =>
  db
    .selectFrom('data_keys')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .orderBy('created_at_ms', 'desc')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()

async function forgetUnused(tx: Tx, organisationId: OrganisationId): Promise<void> {
  const counting = await newest(tx, organisationId)
  const rows = await tx.selectFrom('data_keys').select('id').where('organisation_id', '=', organisationId).execute()
  for (const { id } of rows) {
    if (id !== counting?.id && !(await isUsed(tx, organisationId, id))) {
      await tx.deleteFrom('data_keys').where('id', '=', id).execute()
    }
  }
}

/** Searches by the prefix of its ciphertexts. */
async function isUsed(db: Db, organisationId: OrganisationId, dataKey: string): Promise<boolean> {
  const begins = `v1.${dataKey}.%`
  const secrets = db.selectFrom('secrets').select('id').where('organisation_id', '=', organisationId)
  if (await secrets.where('value', 'like', begins).limit(1).executeTakeFirst()) return true
  const keys = db.selectFrom('signing_keys').select('key_id').where('organisation_id', '=', organisationId)
  if (await keys.where('private_key', 'like', begins).limit(1).executeTakeFirst()) return true
  const lines = db.selectFrom('syslog_exports').select('revision').where('organisation_id', '=', organisationId)
  if (await lines.where('private_key', 'like', begins).executeTakeFirst()) return true
  const hooks = db.selectFrom('intrusion_webhooks').select('revision').where('organisation_id', '=', organisationId)
  if (await hooks.where('secret', 'like', begins).executeTakeFirst()) return true
  const sources = db.selectFrom('git_sources').select('id').where('organisation_id', '=', organisationId)
  if (await sources.where('sealed', 'like', begins).limit(1).executeTakeFirst()) return true
  const feeds = db.selectFrom('model_feeds').select('id').where('organisation_id', '=', organisationId)
  return (await feeds.where('sealed', 'like', begins).limit(1).executeTakeFirst()) !== undefined
}

const wrapOf = ({ id, organisation_id }: Pick<DataKeyTable, 'id' | 'organisation_id'>) =>
  `skerry data key v1\n${organisation_id}\n${id}`

const purposeOf = ({ organisationId, kind, id }: VaultPlace, dataKey: string) =>
  `skerry value v1\n${organisationId}\n${kind}\n${id}\n${dataKey}`
