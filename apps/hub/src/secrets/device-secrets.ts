/**
 * Device secrets: what a device should hold, derived from the records at each look, and sealed to the key of its certificate. Nothing of it is
 * stored: a message that is lost is made again.
 */

import { type HeldSecrets, type SecretsDocument, sealedFor, sealInfo } from '@skerry/contract/held/secrets'
import type { Digest } from '@skerry/contract/values/digest'
import type { DeviceId } from '@skerry/contract/values/ids'
import { mostSpecific } from '@skerry/core/secrets/secret-scope'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { publicKeyOf } from '@skerry/platform/certificates/certificate'
import { digestOf } from '@skerry/platform/files/hash'
import { openHpkeSender } from '@skerry/platform/sealing/hpke'
import type { HeldPlace } from '../held/held-document.ts'
import type { Hub } from '../hub.ts'
import type { Db, Tx } from '../store/store.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'
import { type SecretRow, secretsAbout } from './secret-store.ts'

type DeviceRow = Pick<DeviceTable, 'id' | 'organisation_id' | 'site_id' | 'public_key_hash' | 'certificate_pem'>

export type WantedSecrets = {
  rows: SecretRow[]
  /** Undefined where there are none. */
  revision: Digest | undefined
}

/** Those that count on the device. */
export async function wantedSecrets(db: Db, device: DeviceRow): Promise<WantedSecrets> {
  const rows = mostSpecific(await secretsAbout(db, device))
  if (rows.length === 0) return { rows, revision: undefined }
  const content = [device.public_key_hash, ...rows.map(({ id, version }) => `${id} ${version}`)]
  return { rows, revision: digestOf(canonicalJson(content)) }
}

/** A document without secrets is one that takes all away: it is named, too. */
const NONE = digestOf('no secrets')

/** The document for a device that holds that revision; undefined where it holds what it should. */
export async function newSecrets(
  { store, vault }: Pick<Hub, 'store' | 'vault'>,
  device: DeviceRow,
  held: string | undefined,
): Promise<SecretsDocument | undefined> {
  const { rows, revision = NONE } = await wantedSecrets(store.db, device)
  if (revision === held || (held === undefined && rows.length === 0) || device.certificate_pem === null)
    return undefined
  const about = { deviceId: device.id, revision }
  const sender = await openHpkeSender({ recipient: publicKeyOf(device.certificate_pem), info: sealInfo(about) })
  const secrets: SecretsDocument['secrets'] = []
  for (const { organisation_id, id, name, version, value } of rows) {
    const place = { organisationId: organisation_id, kind: 'secret', id: `${id}/${version}` } as const
    const plain = await vault.open(store.db, place, value)
    const sealed = await sender.seal(plain, sealedFor({ name, version }))
    plain.fill(0)
    secrets.push({ name, version, sealed: Buffer.from(sealed).toString('base64') })
  }
  return { v: 1, ...about, encapsulated: Buffer.from(sender.encapsulated).toString('base64'), secrets }
}

/** What the device said last. */
export function saidOf(db: Db, deviceId: DeviceId) {
  return db.selectFrom('device_secrets').selectAll().where('device_id', '=', deviceId).executeTakeFirst()
}

/** Keeps what the device says. */
export async function keepHeld(
  tx: Tx,
  { deviceId, organisationId }: HeldPlace,
  { revision }: HeldSecrets,
  nowMs: number,
): Promise<void> {
  const said = { revision: revision ?? null, said_at_ms: nowMs }
  await tx
    .insertInto('device_secrets')
    .values({ device_id: deviceId, organisation_id: organisationId, ...said })
    .onConflict((conflict) => conflict.column('device_id').doUpdateSet(said))
    .execute()
}

/** How what a device said compares with what it should hold. */
export function stateOf(wanted: WantedSecrets, held: string | null | undefined): 'current' | 'behind' | 'none' {
  if (wanted.revision === undefined) return held === null || held === undefined || held === NONE ? 'none' : 'behind'
  return wanted.revision === held ? 'current' : 'behind'
}
