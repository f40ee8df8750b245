/**
 * Key ring: says who a key belongs to. Keys that were found good are remembered for a moment, so that a busy caller costs no query a
 * request; a revoked key is forgotten at once. When keys are used is gathered here and written in groups.
 */
import type { KeyId, OrganisationId } from '@skerry/contract/ids'
import type { Role } from '@skerry/contract/permissions'
import type { Log } from '@skerry/platform/log'
import type { Db, Store } from '../store/store.ts'
import { fitsHash, hashSecret, parseKeyText } from './key-secret.ts'
import { findKey, type KeyRow, touchKeys } from './key-store.ts'

/** Who calls, by key. */
export type KeyCaller = {
  kind: 'key'
  organisationId: OrganisationId
  organisation: string
  keyId: KeyId
  name: string
  role: Role
}

export type KeyVerdict =
  | { ok: true; caller: KeyCaller }
  /** `owner` is whose key was tried with a wrong secret, or after its end. */
  | { ok: false; code: 'key_invalid'; owner?: { organisationId: OrganisationId; keyId: KeyId; name: string } }

export type KeyRing = {
  verify(text: string): Promise<KeyVerdict>
  /** Forgets a key, so that its next use is looked up again. */
  forget(id: KeyId): void
  /** Writes down when keys were used. */
  flush(): Promise<void>
}

/** Programs that call often are some dozens; each entry is small. */
const REMEMBERED_MAX = 1_000

/** A key that is revoked by another replica counts for so long at most. */
const REMEMBERED_MS = 5_000

type Remembered = { secretHash: string; caller: KeyCaller; expiresAtMs: number; untilMs: number }

export type KeyRingDeps = { store: Store; clock: { nowMs(): number }; log: Pick<Log, 'warn'> }

/** Makes an empty ring. */
export function createKeyRing({ store, clock, log }: KeyRingDeps): KeyRing {
  const remembered = new Map<KeyId, Remembered>()
  let usedAtMs = new Map<KeyId, number>()
  // A look-up that began before a key was forgotten must not bring it back.
  let forgotten = 0

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
    forget(id) {
      forgotten += 1
      remembered.delete(id)
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
  return { ok: true, caller: callerOf(row), expiresAtMs }
}

/** The caller that the key's record stands for. */
export const callerOf = (row: KeyRow): KeyCaller => ({
  kind: 'key',
  organisationId: row.organisation_id,
  organisation: row.organisation,
  keyId: row.id,
  name: row.name,
  role: row.role,
})
