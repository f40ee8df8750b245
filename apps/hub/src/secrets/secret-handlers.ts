/** Procedures on secrets. The hub encrypts a value before the transaction ends, and sends it to devices only. */

import { SECRETS_BYTES_MAX, SECRETS_MAX, type SecretScope } from '@skerry/contract/secrets/secret'
import { SecretId } from '@skerry/contract/values/ids'
import { findDevice } from '../devices/device-store.ts'
import { tellVaultError } from '../encryption/tell-vault-error.ts'
import { resealGitSources } from '../git-sources/git-secrets.ts'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem, unknownName } from '../http/problem.ts'
import { resealWebhookSecret } from '../intrusion/intrusion-webhook-store.ts'
import { resealModelFeeds } from '../model-feeds/feed-token.ts'
import type { Db } from '../store/store.ts'
import { resealSyslogKey } from '../syslog/syslog-store.ts'
import { resealSigningKeys } from '../trust/signer.ts'
import { saidOf, stateOf, wantedSecrets } from './device-secrets.ts'
import {
  deleteSecret,
  findSecret,
  listSecrets,
  othersOf,
  ownerOf,
  saveCiphertext,
  saveSecret,
  scopeKey,
  secretOf,
  versionsOf,
} from './secret-store.ts'

export const secretHandlers = {
  list: os.secret.list.handler(async ({ context: { hub, organisationId }, input: { limit, after, scope, name } }) => {
    const { db } = hub.store
    const owner = scope && (await ownerOf(db, organisationId, scope))
    if (scope && !owner) return { rows: [] }
    const place = {
      organisationId,
      limit: limit + 1,
      after: idOf(after),
      owner: scope && owner && scopeKey(scope, owner),
      name,
    }
    const rows = await listSecrets(db, place)
    return pageFrom(rows.map(secretOf), limit, ({ id }) => id)
  }),
  get: os.secret.get.handler(async ({ context: { hub, organisationId }, input }) => {
    const { db } = hub.store
    const row = await findSecret(db, organisationId, input.secret)
    if (!row) throw problem('secret_unknown')
    return { secret: secretOf(row), versions: await versionsOf(db, row.id) }
  }),
  set: os.secret.set.handler(async ({ context, input }) => {
    const set = await setSecret(context, input)
    context.hub.bus.publish('secrets.changed', context.organisationId)
    return set
  }),
  remove: os.secret.remove.handler(async ({ context, input }) => {
    const { hub, organisationId } = context
    await context.change(async (tx, note) => {
      const row = await findSecret(tx, organisationId, input.secret)
      if (!row) throw problem('secret_unknown')
      const { name, scope, version } = secretOf(row)
      note.object.id = `${scope}/${name}`
      note.detail = { version }
      await deleteSecret(tx, row.id)
    })
    hub.bus.publish('secrets.changed', organisationId)
    return {}
  }),
  ofDevice: os.secret.ofDevice.handler(async ({ context: { hub, organisationId }, input }) => {
    const { db } = hub.store
    const device = await findDevice(db, organisationId, input.device)
    if (!device) throw unknownName('device_unknown', input.device)
    const wanted = await wantedSecrets(db, device)
    const said = await saidOf(db, device.id)
    return {
      device: device.name,
      secrets: wanted.rows.map(secretOf),
      state: stateOf(wanted, said?.revision),
      ...(said && { saidAtMs: said.said_at_ms }),
    }
  }),
  rekey: os.secret.rekey.handler(({ context }) => rekey(context)),
}

type NewValue = { name: string; scope: SecretScope; value: string }

function setSecret(context: KeyCall, { name, scope, value }: NewValue) {
  const { hub, organisationId, caller } = context
  const plain = Buffer.from(value, 'base64')
  return context.change(async (tx, note) => {
    const owner = await ownerOf(tx, organisationId, scope)
    if (!owner) throw problem(scope.startsWith('site:') ? 'site_unknown' : 'device_unknown')
    const key = scopeKey(scope, owner)
    const others = await othersOf(tx, organisationId, { owner: key, name })
    if (others.count >= SECRETS_MAX || others.bytes + plain.length > SECRETS_BYTES_MAX) throw problem('secrets_full')
    const [known] = await listSecrets(tx, { organisationId, limit: 1, after: undefined, owner: key, name })
    const id = known?.id ?? hub.ids.secretRecord()
    const version = (known?.version ?? 0) + 1
    const nowMs = hub.clock.nowMs()
    note.object.id = `${scope}/${name}`
    note.detail = { version, sizeBytes: plain.length }
    const place = { organisationId, kind: 'secret', id: `${id}/${version}` } as const
    await saveSecret(tx, {
      id,
      organisation_id: organisationId,
      name,
      owner: key,
      ...owner,
      version,
      size_bytes: plain.length,
      value: await tellVaultError(() => hub.vault.seal(tx, place, plain)),
      created_at_ms: known?.created_at_ms ?? nowMs,
      updated_at_ms: nowMs,
      updated_by: caller.name,
    })
    return secretOf(await savedRow(tx, organisationId, id))
  })
}

async function savedRow(db: Db, organisationId: KeyCall['organisationId'], id: SecretId) {
  const row = await findSecret(db, organisationId, id)
  if (!row) throw new Error(`the secret ${id} was saved and is not there`)
  return row
}

/** In one transaction they would delay all other writers: 10,000 take a second. */
const REKEYED_AT_ONCE = 200

/**
 * The new data key counts at once, and encrypts all values written meanwhile. Then the other values follow, piece by
 * piece. Values that a crash leaves under an older key can still be decrypted, because a key is deleted only when it
 * encrypts nothing any more. A repeated call finishes the work.
 */
async function rekey(context: KeyCall) {
  const { hub, organisationId } = context
  const read = await hub.vault.reread()
  if (!read.ok) throw problem('encryption_key_unavailable', read.message)
  const { store, vault, clock } = hub
  const encryptionKey = await store.transaction((tx) =>
    tellVaultError(() => vault.turn(tx, organisationId, clock.nowMs())),
  )
  await store.transaction((tx) => tellVaultError(() => resealSigningKeys(tx, vault, organisationId)))
  await store.transaction((tx) => tellVaultError(() => resealSyslogKey(tx, vault, organisationId)))
  await store.transaction((tx) => tellVaultError(() => resealWebhookSecret(tx, vault, organisationId)))
  await store.transaction((tx) => tellVaultError(() => resealGitSources(tx, vault, organisationId)))
  await store.transaction((tx) => tellVaultError(() => resealModelFeeds(tx, vault, organisationId)))
  let secrets = 0
  for (let after: SecretId | undefined; ; ) {
    const page = { organisationId, limit: REKEYED_AT_ONCE, after, owner: undefined, name: undefined }
    const rows = await store.transaction(async (tx) => {
      const rows = await listSecrets(tx, page)
      for (const { id, version, value } of rows) {
        const place = { organisationId, kind: 'secret', id: `${id}/${version}` } as const
        const plain = await tellVaultError(() => vault.open(tx, place, value))
        await saveCiphertext(tx, id, await vault.seal(tx, place, plain))
      }
      return rows
    })
    secrets += rows.length
    after = rows.at(-1)?.id
    if (rows.length < REKEYED_AT_ONCE) break
  }
  return context.change(async (tx, note) => {
    await vault.forgetUnused(tx, organisationId)
    note.detail = { secrets, encryptionKey }
    return { secrets, encryptionKey }
  })
}

function idOf(after: string | undefined): SecretId | undefined {
  if (after === undefined) return undefined
  const id = SecretId.safeParse(after).data
  if (!id) throw problem('input_invalid', 'after must be the value of next from an earlier page')
  return id
}
