/**
 * Key ring: says who a key belongs to. Keys that were found good are remembered for a moment, so that a busy caller costs no query a
 * request; a revoked key is forgotten at once, by all hubs. When keys are used is gathered here and written in groups.
 */
import { KeyId, type OrganisationId } from '@skerry/contract/values/ids'
import type { Caller } from '@skerry/core/people/access'
import type { Log } from '@skerry/platform/process/log'
import type { Bus } from '../bus.ts'
import { grantOf } from '../roles/role-store.ts'
import type { Db, Store } from '../store/store.ts'
import { fitsHash, hashSecret, parseKeyText } from './key-secret.ts'
import { findKey, type KeyRow, touchKeys } from './key-store.ts'
import { lacksFactor } from './personal-keys.ts'

/** Who calls, by key. */
export type KeyCaller = Extract<Caller, { kind: 'key' }>

export type KeyVerdict =
  | { ok: true; caller: KeyCaller }
  /** A person's key, made without the second factor that the role needs now. */
  | { ok: false; code: 'second_factor_required' }
  | { ok: false; code: 'organisation_disabled' }
  /** `owner` is whose key was tried with a wrong secret, or after its end. */
  | { ok: false; code: 'key_invalid'; owner?: { organisationId: OrganisationId; keyId: KeyId; name: string } }

export type KeyRing = {
  verify(text: string): Promise<KeyVerdict>
  /** Writes down when keys were used. */
  flush(): Promise<void>
}

/** Programs that call often are some dozens; each entry is small. */
const REMEMBERED_MAX = 1_000

/** A key that is revoked through another hub is forgotten when the bus says so; where it is broken, the key counts for so long at most. */
const REMEMBERED_MS = 5_000

type Remembered = { secretHash: string; caller: KeyCaller; expiresAtMs: number; untilMs: number }

export type KeyRingDeps = {
  store: Store
  clock: { nowMs(): number }
  log: Pick<Log, 'warn'>
  bus: Pick<Bus, 'subscribe'>
}

/** Makes an empty ring. */
export function createKeyRing({ store, clock, log, bus }: KeyRingDeps): KeyRing {
  const remembered = new Map<KeyId, Remembered>()
  let usedAtMs = new Map<KeyId, number>()
  // A look-up that began before a key was forgotten must not bring it back.
  let forgotten = 0
  bus.subscribe('key.changed', undefined, (id) => {
    forgotten += 1
    remembered.delete(KeyId.parse(id))
  })
  for (const topic of ['role.changed', 'organisation.changed', 'everything.changed'] as const) {
    bus.subscribe(topic, undefined, () => {
      forgotten += 1
      remembered.clear()
    })
  }

  return {
    async verify(text) {
      const parts = parseKeyText(text)
      if (!parts) return { ok: false, code: 'key_invalid' }
      const nowMs = clock.nowMs()
      const known = remembered.get(parts.id)
      if (known && nowMs < Math.min(known.untilMs, known.expiresAtMs) && fitsHash(parts.secret, known.secretHash)) {
        usedAtMs.set(parts.id, nowMs)
        return { ok: true, caller: known.caller }
      }
      const asOf = forgotten
      const verdict = await lookUp(store.db, parts, nowMs)
      if (!verdict.ok) return verdict
      if (remembered.size >= REMEMBERED_MAX) remembered.clear()
      const { caller, expiresAtMs } = verdict
      const secretHash = hashSecret(parts.secret)
      if (asOf === forgotten)
        remembered.set(parts.id, { caller, expiresAtMs, secretHash, untilMs: nowMs + REMEMBERED_MS })
      usedAtMs.set(parts.id, nowMs)
      return verdict
    },
    async flush() {
      if (usedAtMs.size === 0) return
      const batch = usedAtMs
      usedAtMs = new Map()
      try {
        await store.transaction((tx) => touchKeys(tx, batch))
      } catch (error) {
        // Only a courtesy is lost: the next use is written again.
        log.warn('key_use_not_stored', { error })
      }
    },
  }
}

type LookUp = { ok: true; caller: KeyCaller; expiresAtMs: number } | Extract<KeyVerdict, { ok: false }>

async function lookUp(db: Db, { id, secret }: { id: KeyId; secret: string }, nowMs: number): Promise<LookUp> {
  const row = await findKey(db, id)
  if (!row) return { ok: false, code: 'key_invalid' }
  const expiresAtMs = row.expires_at_ms ?? Number.POSITIVE_INFINITY
  if (!fitsHash(secret, row.secret_hash) || row.revoked_at_ms !== null || expiresAtMs <= nowMs) {
    return { ok: false, code: 'key_invalid', owner: { organisationId: row.organisation_id, keyId: id, name: row.name } }
  }
  if (row.disabled_at_ms != null) return { ok: false, code: 'organisation_disabled' }
  if (lacksFactor(row)) return { ok: false, code: 'second_factor_required' }
  return { ok: true, caller: callerOf(row), expiresAtMs }
}

/** The caller that the key's record stands for. */
export const callerOf = (row: KeyRow): KeyCaller => ({
  kind: 'key',
  organisationId: row.organisation_id,
  organisation: row.organisation,
  id: row.id,
  name: row.name,
  personId: row.user_id ?? row.person_id ?? row.id,
  grants: [grantOf(row)],
})
