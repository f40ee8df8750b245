/** Procedures on authorities. Each change is one transaction; what it means for certificates follows from the records, in every hub. */
import type { Authority } from '@skerry/contract/authorities/authority'
import { AUTHORITIES_MAX } from '@skerry/contract/authorities/authority'
import { OPERATORS } from '@skerry/contract/people/organisation'
import type { AuthorityId } from '@skerry/contract/values/ids'
import { judgeChain } from '@skerry/platform/certificates/authority-chain'
import { fingerprintOf } from '@skerry/platform/certificates/certificate'
import { createAuthority, requestAuthority } from '@skerry/platform/certificates/certificate-authority'
import { tellVaultError } from '../encryption/tell-vault-error.ts'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { keepPeopleKeys } from '../people/people-keys.ts'
import type { Db, Tx } from '../store/store.ts'
import type { AuthorityTable } from '../store/tables/access/authority-tables.ts'
import { authorityOf, countShown, keyNameOf, listAuthorities, saveAuthority } from './authority-store.ts'

/** A handshake with oneself takes milliseconds. */
const TRIAL_MS = 10_000

export const authorityHandlers = {
  list: os.authority.list.handler(async ({ context }) => {
    const { hub } = context
    const { db } = hub.store
    await refuseTenant(db, context.caller)
    const counts = await countShown(db)
    return {
      authorities: (await listAuthorities(db)).map((row) => authorityOf(row, counts.get(row.id) ?? 0)),
      pinned: { fingerprint: fingerprintOf(hub.authorities.pinned()), isCustomers: hub.authorities.isCustomers() },
      openTokens: await countOpenTokens(db, hub.clock.nowMs()),
    }
  }),
  request: os.authority.request.handler(async ({ context, input: { commonName } }) => {
    await refuseTenant(context.hub.store.db, context.caller)
    const { privateKeyPem, requestPem } = await requestAuthority(commonName)
    return changed(context, async (tx, note) => {
      const rows = await withRoom(tx)
      const open = rows.find(({ state }) => state === 'requested' || state === 'ready')
      if (open) throw problem('authority_state_refused', `${open.id} is ${open.state}; use or cancel it first`)
      const id = context.hub.ids.authority()
      await keepKey(tx, context.hub, id, privateKeyPem)
      note.object.id = id
      note.detail = { commonName }
      return newRow(context, { id, kind: 'issued', state: 'requested', request_pem: requestPem })
    })
  }),
  import: os.authority.import.handler(async ({ context, input: { authority, chainPem } }) => {
    const { hub } = context
    const nowMs = hub.clock.nowMs()
    await refuseTenant(hub.store.db, context.caller)
    // Judged before the transaction, by a key that does not change while the request is open.
    const privateKeyPem = await openKey(hub.store.db, hub, (await importable(hub.store.db, authority)).id)
    const verdict = await judgeChain(chainPem, { privateKeyPem, nowMs, handshakeMs: TRIAL_MS })
    if (!verdict.ok) throw problem('authority_chain_refused', verdict.message)
    return changed(context, async (tx, note) => {
      const row = await importable(tx, authority)
      note.detail = { fingerprint: fingerprintOf(verdict.chain[0]), certificates: verdict.chain.length }
      return { ...row, state: 'ready' as const, chain_pem: verdict.chain.join('') }
    })
  }),
  rotate: os.authority.rotate.handler(async ({ context, input: { authority, withinSeconds } }) => {
    const { hub } = context
    const nowMs = hub.clock.nowMs()
    await refuseTenant(hub.store.db, context.caller)
    const own = authority === undefined ? await makeOwn(hub, nowMs) : undefined
    const row = await changed(context, async (tx, note) => {
      const next = own ? await ownRow(tx, context, own) : await readyRow(tx, authority)
      const rows = await listAuthorities(tx)
      for (const each of rows.filter(({ state }) => state === 'active')) {
        await saveAuthority(tx, { ...each, state: 'trusted' })
        note.detail = { ...note.detail, before: each.id }
      }
      note.object.id = next.id
      note.detail = { ...note.detail, withinSeconds }
      // Above the one before, whatever the clock says: their order is what counts.
      const activatedAtMs = Math.max(nowMs, ...rows.map(({ activated_at_ms }) => (activated_at_ms ?? 0) + 1))
      return {
        ...next,
        state: 'active' as const,
        activated_at_ms: activatedAtMs,
        renew_within_ms: withinSeconds * 1_000,
      }
    })
    hub.log.warn('authority_changed', { authority: row.id })
    return row
  }),
  retire: os.authority.retire.handler(({ context, input: { authority, force } }) =>
    changed(context, async (tx, note) => {
      await refuseTenant(tx, context.caller)
      const row = await knownRow(tx, authority)
      if (row.state === 'active') {
        throw problem(
          'authority_state_refused',
          'it signs certificates now; first let another authority sign: "skerry certificate rotate"',
        )
      }
      if (row.state !== 'trusted') throw problem('authority_state_refused', `${row.id} is ${row.state}`)
      const devices = (await countShown(tx)).get(row.id) ?? 0
      if (devices > 0 && !force) {
        const message = `${devices} device${devices === 1 ? ' still uses' : 's still use'} its certificates, and would have to join again`
        throw problem('authority_in_use', message, { devices })
      }
      note.detail = { devices, force }
      await context.hub.vault.own.forget(tx, keyNameOf(row.id))
      return { ...row, state: 'retired' as const, retired_at_ms: context.hub.clock.nowMs() }
    }),
  ),
  cancel: os.authority.cancel.handler(async ({ context, input: { authority } }) => {
    await context.change(async (tx, note) => {
      await refuseTenant(tx, context.caller)
      const row = await knownRow(tx, authority)
      if (row.state !== 'requested' && row.state !== 'ready') {
        throw problem(
          'authority_state_refused',
          `${row.id} is ${row.state}; an authority that has signed can only be retired`,
        )
      }
      note.detail = { state: row.state }
      await context.hub.vault.own.forget(tx, keyNameOf(row.id))
      await tx.deleteFrom('authorities').where('id', '=', row.id).execute()
    })
    return {}
  }),
}

/** All organisations of a hub depend on it: where there are several, it is for operators. To others there is none. */
async function refuseTenant(db: Db, { organisation }: Pick<KeyCall['caller'], 'organisation'>): Promise<void> {
  if (organisation === OPERATORS) return
  const others = db.selectFrom('organisations').select('id').where('name', 'not in', [OPERATORS, organisation])
  if (!(await others.limit(1).executeTakeFirst())) return
  throw problem('authority_unknown', 'this hub has several organisations, so only operators can manage its authorities')
}

type Note = { object: { kind: string; id: string }; detail: Record<string, unknown> }

/** Saves what the work gives; then this hub goes by it, and so do all others. */
async function changed(context: KeyCall, work: (tx: Tx, note: Note) => Promise<AuthorityTable>): Promise<Authority> {
  const { hub } = context
  const authority = await tellVaultError(() =>
    context.change(async (tx, note) => {
      const row = await work(tx, note)
      await saveAuthority(tx, row)
      await keepPeopleKeys(tx, hub.vault, hub.people.keys)
      return authorityOf(row, (await countShown(tx)).get(row.id) ?? 0)
    }),
  )
  await hub.authorities.reload()
  hub.bus.publish('authorities.changed', '')
  return authority
}

type NewAuthority = Pick<AuthorityTable, 'id' | 'kind' | 'state'> & Partial<AuthorityTable>

const newRow = ({ hub }: KeyCall, own: NewAuthority): AuthorityTable => ({
  request_pem: null,
  chain_pem: null,
  renew_within_ms: 0,
  created_at_ms: hub.clock.nowMs(),
  activated_at_ms: null,
  retired_at_ms: null,
  ...own,
})

type Made = { id: AuthorityId; certificatePem: string; privateKeyPem: string }

async function makeOwn({ store, ids }: Hub, nowMs: number): Promise<Made> {
  const { length } = await listAuthorities(store.db)
  return { id: ids.authority(), ...(await createAuthority({ commonName: `Skerry hub ${length + 1}`, nowMs })) }
}

async function ownRow(tx: Tx, context: KeyCall, { id, certificatePem, privateKeyPem }: Made): Promise<AuthorityTable> {
  await withRoom(tx)
  await keepKey(tx, context.hub, id, privateKeyPem)
  return newRow(context, { id, kind: 'own', state: 'ready', chain_pem: certificatePem })
}

async function readyRow(db: Db, id: AuthorityId | undefined): Promise<AuthorityTable> {
  const row = await knownRow(db, id)
  if (row.state === 'ready') return row
  throw problem(
    'authority_state_refused',
    `${row.id} is ${row.state}; only an authority that is ready can start to sign`,
  )
}

async function importable(db: Db, id: AuthorityId): Promise<AuthorityTable> {
  const row = await knownRow(db, id)
  if (row.state === 'requested' || row.state === 'ready') return row
  throw problem('authority_state_refused', `${row.id} is ${row.state}; make a new request`)
}

async function knownRow(db: Db, id: AuthorityId | undefined): Promise<AuthorityTable> {
  const row = (await listAuthorities(db)).find((each) => each.id === id)
  if (!row) throw problem('authority_unknown')
  return row
}

async function withRoom(tx: Tx): Promise<AuthorityTable[]> {
  const rows = await listAuthorities(tx)
  if (rows.filter(({ state }) => state !== 'retired').length >= AUTHORITIES_MAX) throw problem('authorities_full')
  return rows
}

const keepKey = (tx: Tx, { vault }: Hub, id: AuthorityId, privateKeyPem: string) =>
  vault.own.keep(tx, keyNameOf(id), Buffer.from(privateKeyPem))

async function openKey(db: Db, { vault }: Hub, id: AuthorityId): Promise<string> {
  const key = await tellVaultError(() => vault.own.read(db, keyNameOf(id)))
  if (!key) throw problem('encryption_key_unavailable', `the key of ${id} is missing; cancel the request`)
  return key.toString('utf8')
}

async function countOpenTokens(db: Db, nowMs: number): Promise<number> {
  const { count } = await db
    .selectFrom('join_tokens')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('revoked_at_ms', 'is', null)
    .where('expires_at_ms', '>', nowMs)
    .whereRef('uses', '<', 'uses_max')
    .executeTakeFirstOrThrow()
  return count
}
