import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KeyId, OrganisationId } from '@skerry/contract/values/ids'
import { builtInGrant } from '@skerry/core/people/access'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBus } from '../bus.ts'
import { openSqliteStore } from '../store/sqlite-store.ts'
import type { Store } from '../store/store.ts'
import { createKeyRing } from './key-ring.ts'
import { fitsHash, hashSecret, keyTextOf, parseKeyText } from './key-secret.ts'
import { findKey, insertKey, revokeKey } from './key-store.ts'

const organisationId = OrganisationId.parse('org_aaaaaaaa')
const id = KeyId.parse('key_abcdefgh2345')
// An underscore is one of the letters of a secret.
const secret = `_${'A'.repeat(41)}_`
const text = keyTextOf({ id, secret })

let folder: string
let store: Store
let nowMs = 1_000_000
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-keys-'))
  const opened = await openSqliteStore(join(folder, 'hub.sqlite'), 0)
  if (!opened.ok) throw new Error(opened.message)
  store = opened.store
  await store.transaction(async (tx) => {
    await tx.insertInto('organisations').values({ id: organisationId, name: 'default', created_at_ms: 0 }).execute()
    await insertKey(tx, {
      id,
      organisation_id: organisationId,
      name: 'robot',
      role: 'viewer',
      secret_hash: hashSecret(secret),
      created_at_ms: 0,
      expires_at_ms: 2_000_000,
      last_used_at_ms: null,
      revoked_at_ms: null,
      user_id: null,
      is_multi_factor: 0,
    })
  })
})
afterAll(async () => {
  await store[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const bus = createBus({ error: () => undefined })
const ringOf = () => createKeyRing({ store, bus, clock: { nowMs: () => nowMs }, log: { warn: () => undefined } })

test('a key is its id and its secret, and nothing else passes for one', () => {
  expect(parseKeyText(text)).toEqual({ id, secret })
  for (const wrong of ['', 'sk_', `sk_${secret}`, text.slice(0, -1), `${text}x`, text.toUpperCase(), ` ${text}`]) {
    expect(parseKeyText(wrong), wrong).toBeUndefined()
  }
  expect([fitsHash(secret, hashSecret(secret)), fitsHash('x', hashSecret(secret)), fitsHash(secret, '')]).toEqual([
    true,
    false,
    false,
  ])
})

test('a good key says who calls, and its use is written in groups', async () => {
  const ring = ringOf()
  const whose = { kind: 'key', organisationId, organisation: 'default', id, name: 'robot', personId: id }
  const caller = { ...whose, grants: [builtInGrant('viewer')] }
  for (let count = 0; count < 3; count++) expect(await ring.verify(text)).toMatchObject({ ok: true, caller })
  expect((await findKey(store.db, id))?.last_used_at_ms).toBeNull()
  await ring.flush()
  expect((await findKey(store.db, id))?.last_used_at_ms).toBe(nowMs)
})

test('a wrong secret names whose key was tried, an unknown id nobody', async () => {
  const ring = ringOf()
  await ring.verify(text)
  const guess = keyTextOf({ id, secret: 'B'.repeat(43) })
  expect(await ring.verify(guess)).toMatchObject({ ok: false, owner: { keyId: id, name: 'robot' } })
  const unknown = keyTextOf({ id: KeyId.parse('key_zzzzzzzzzzzz'), secret })
  expect(await ring.verify(unknown)).toEqual({ ok: false, code: 'key_invalid' })
})

test('a remembered key ends when it expires, and when it is revoked', async () => {
  const ring = ringOf()
  expect((await ring.verify(text)).ok).toBe(true)
  nowMs = 2_000_000
  expect((await ring.verify(text)).ok).toBe(false)
  nowMs = 1_000_000
  expect((await ring.verify(text)).ok).toBe(true)
  // A look-up that began before the key was revoked must not bring it back.
  const fresh = ringOf()
  const early = fresh.verify(text)
  await store.transaction((tx) => revokeKey(tx, { organisationId, id, nowMs }))
  bus.publish('key.changed', id)
  await early
  expect((await fresh.verify(text)).ok).toBe(false)
  expect((await ring.verify(text)).ok).toBe(false)
})
