/**
 * Procedures on signing keys and rules of trust. A change of either makes a new revision, which devices get at once.
 */
import { createPublicKey } from 'node:crypto'
import { SIGNING_KEYS_MAX, type SigningKey, SigningKeyId, type TrustPolicy } from '@skerry/contract/models/trust'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { hashFor, signingKeyId } from '@skerry/platform/signatures/dsse'
import { signModel, statedGoldenSource } from '@skerry/platform/signatures/model-signature'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import { knownVersion } from '../models/known-version.ts'
import { lineageOf } from '../models/lineage-store.ts'
import { filesOf } from '../models/version-store.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { SigningKeyTable } from '../store/tables/access/trust-tables.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'
import { sealSigner, signerFor } from './signer.ts'
import { countSigned, savePolicy, saveSigningKey, signingKeyOf, signingKeys, trustPolicy } from './trust-store.ts'
import { addSignatures, checkSignatures, versionTrust } from './version-trust.ts'

export const signingKeyHandlers = {
  list: os.signingKey.list.handler(async ({ context }) => {
    const { db } = context.hub.store
    const counts = await countSigned(db, context.organisationId)
    return { keys: (await keysOf(db, context)).map((row) => signingKeyOf(row, counts.get(row.key_id) ?? 0)) }
  }),
  add: os.signingKey.add.handler(({ context, input: { name, publicKeyPem } }) => {
    const pem = publisherPem(publicKeyPem)
    return changed(context, async (tx, note) => {
      const row = { ...newRow(context, name, pem), kind: 'publisher' } as const
      const rows = await keysOf(tx, context)
      if (rows.some((each) => each.key_id === row.key_id || each.name === name)) throw problem('signing_key_exists')
      refuseFull(rows)
      note.object.id = row.key_id
      note.detail = { name }
      return row
    })
  }),
  rotate: os.signingKey.rotate.handler(({ context }) =>
    changed(context, async (tx, note) => {
      const rows = await keysOf(tx, context)
      refuseFull(rows)
      const { privateKeyPem, publicKeyPem } = generateKeyPair()
      const names = new Set(rows.map(({ name }) => name))
      const number = rows.findIndex((_, index) => !names.has(`hub-${index + 2}`)) + 2
      const row = newRow(context, `hub-${number}`, publicKeyPem)
      for (const each of rows.filter(({ kind, state }) => kind === 'hub' && state === 'active')) {
        await saveSigningKey(tx, { ...each, state: 'retired', ...changeOf(context) })
        note.detail = { ...note.detail, retired: each.key_id }
      }
      note.object.id = row.key_id
      note.detail = { ...note.detail, name: row.name }
      return { ...row, private_key: await sealSigner(tx, context.hub, row, privateKeyPem) }
    }),
  ),
  retire: os.signingKey.retire.handler(({ context, input: { signingKey, reason } }) =>
    changed(context, async (tx, note) => {
      const row = await knownKey(tx, context, signingKey)
      if (row.state !== 'active') throw problem('signing_key_state_refused', `the key ${row.name} is ${row.state}`)
      if (row.kind === 'hub') {
        throw problem(
          'signing_key_state_refused',
          'the hub signs with this key; run "skerry signing-key rotate" to retire it',
        )
      }
      note.detail = { name: row.name, ...(reason !== undefined && { reason }) }
      return { ...row, state: 'retired' as const, ...changeOf(context, reason) }
    }),
  ),
  revoke: os.signingKey.revoke.handler(({ context, input: { signingKey, reason } }) =>
    changed(context, async (tx, note) => {
      const row = await knownKey(tx, context, signingKey)
      if (row.state === 'revoked') throw problem('signing_key_state_refused', `the key ${row.name} is revoked already`)
      if (row.kind === 'hub' && row.state === 'active') {
        throw problem(
          'signing_key_state_refused',
          'the hub signs with this key; first give the hub another one: "skerry signing-key rotate"',
        )
      }
      note.detail = { name: row.name, reason }
      return { ...row, state: 'revoked' as const, ...changeOf(context, reason) }
    }),
  ),
}

export const trustHandlers = {
  get: os.trust.get.handler(({ context: { hub, organisationId } }) => trustPolicy(hub.store.db, organisationId)),
  set: os.trust.set.handler(async ({ context, input: { rules, ifRevision } }): Promise<TrustPolicy> => {
    const { hub, organisationId, caller } = context
    const policy = await context.change(async (tx, note) => {
      const before = await trustPolicy(tx, organisationId)
      if (ifRevision !== undefined && ifRevision !== before.revision) throw problem('revision_stale')
      const known = new Set((await keysOf(tx, context)).map(({ key_id }) => key_id))
      const stranger = rules.flatMap(({ keys }) => keys).find((key) => !known.has(key))
      if (stranger !== undefined) throw problem('signing_key_unknown', `no signing key ${stranger}; add it first`)
      await savePolicy(tx, { organisationId, rules, nowMs: hub.clock.nowMs(), by: caller.name })
      note.detail = { before: before.rules, after: rules }
      return trustPolicy(tx, organisationId)
    })
    hub.bus.publish('trust.changed', organisationId)
    return policy
  }),
  ofVersion: os.trust.ofVersion.handler(async ({ context: { hub, organisationId }, input: { name, version } }) => {
    const { db } = hub.store
    return versionTrust(db, hub, await knownVersion(db, { organisationId, name }, version))
  }),
  sign: os.trust.sign.handler(({ context, input: { name, version, signatures } }) => {
    const { hub, organisationId, caller } = context
    return context.change(async (tx, note) => {
      const row = await knownVersion(tx, { organisationId, name }, version)
      const files = await filesOf(tx, row.id)
      const keyIds = checkSignatures({ files, signatures, keys: await keysOf(tx, context) })
      await addSignatures(tx, { row, signatures, keyIds, nowMs: hub.clock.nowMs(), by: caller.name })
      const signer = await signAnew(tx, context, row)
      note.object.id = `${row.name}/${row.version}`
      note.detail = { digest: row.digest, signer, publishers: keyIds }
      return versionTrust(tx, hub, await knownVersion(tx, { organisationId, name }, String(row.version)))
    })
  }),
}

/** Signs the same statement with the present key. It is made from the records, and devices verify the digests in it. */
async function signAnew(tx: Tx, { hub, organisationId }: KeyCall, row: VersionTable): Promise<string> {
  const { privateKeyPem, publicKeyPem } = await signerFor(tx, hub, organisationId)
  const shown = await lineageOf(tx, row)
  const lineage = shown && { ...shown, parents: shown.parents.map(({ isRemoved: _, ...parent }) => parent) }
  const bundle = signModel({
    name: `${row.name}/${row.version}`,
    resources: await filesOf(tx, row.id),
    privateKeyPem,
    goldenSource: statedGoldenSource(fromJson(row.bundle)),
    ...(lineage && { lineage }),
  })
  await tx
    .updateTable('versions')
    .set({ bundle: toJson(bundle) })
    .where('id', '=', row.id)
    .execute()
  return signingKeyId(publicKeyPem)
}

const keysOf = (db: Db, { hub, organisationId }: KeyCall) => signingKeys(db, { organisationId, first: hub.signing })

type Note = { object: { kind: string; id: string }; detail: Record<string, unknown> }

/** Saves the key that the work returns, in a new revision of the rules. */
async function changed(context: KeyCall, work: (tx: Tx, note: Note) => Promise<SigningKeyTable>): Promise<SigningKey> {
  const { hub, organisationId, caller } = context
  const key = await context.change(async (tx, note) => {
    const row = await work(tx, note)
    await saveSigningKey(tx, row)
    const { rules } = await trustPolicy(tx, organisationId)
    await savePolicy(tx, { organisationId, rules, nowMs: hub.clock.nowMs(), by: caller.name })
    return signingKeyOf(row, (await countSigned(tx, organisationId)).get(row.key_id) ?? 0)
  })
  hub.bus.publish('trust.changed', organisationId)
  return key
}

const newRow = ({ hub, organisationId, caller }: KeyCall, name: string, pem: string): SigningKeyTable => ({
  organisation_id: organisationId,
  key_id: SigningKeyId.parse(signingKeyId(pem)),
  name,
  kind: 'hub',
  state: 'active',
  public_key_pem: pem,
  private_key: null,
  created_at_ms: hub.clock.nowMs(),
  created_by: caller.name,
  changed_at_ms: null,
  changed_by: null,
  reason: null,
})

const changeOf = ({ hub, caller }: KeyCall, reason: string | undefined = undefined) => ({
  changed_at_ms: hub.clock.nowMs(),
  changed_by: caller.name,
  reason: reason ?? null,
})

function refuseFull(rows: readonly SigningKeyTable[]): void {
  if (rows.length >= SIGNING_KEYS_MAX) throw problem('signing_keys_full')
}

async function knownKey(tx: Tx, context: KeyCall, keyId: SigningKeyId): Promise<SigningKeyTable> {
  const row = (await keysOf(tx, context)).find(({ key_id }) => key_id === keyId)
  if (!row) throw problem('signing_key_unknown')
  return row
}

/** In the format of Node, so that everybody computes the same fingerprint. */
function publisherPem(text: string): string {
  try {
    const key = createPublicKey(text)
    hashFor(key)
    return key.export({ type: 'spki', format: 'pem' }).toString()
  } catch {
    throw problem('signing_key_invalid')
  }
}
