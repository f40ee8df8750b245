/**
 * Second factor: the secret of a person's authenticator, and the recovery codes. The secret lies sealed in the database, and the codes as
 * keyed hashes: whoever reads the database, or a backup of it, can neither make a code nor guess one.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { UserId } from '@skerry/contract/values/ids'
import { codeAt, openSteps } from '@skerry/core/people/totp'
import type { Db, Tx } from '../../store/store.ts'
import type { SecondFactorTable } from '../../store/tables/access/people-tables.ts'
import type { PeopleKeys } from '../people-keys.ts'

/** [RFC 4226 4] 160 bits. */
const SECRET_BYTES = 20

const RECOVERY_CODES = 10

/** [RFC 4648 6] */
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

type FactorKeys = PeopleKeys['factor']

/** A new secret, and what an authenticator scans. */
export function newSecret(email: string, organisation: string): { secret: Buffer; text: string; uri: string } {
  const secret = randomBytes(SECRET_BYTES)
  const text = base32(secret)
  const issuer = `Skerry ${organisation}`
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(email)}`
  return { secret, text, uri: `otpauth://totp/${label}?${new URLSearchParams({ secret: text, issuer })}` }
}

/** Ten codes, to be kept on paper: 50 bits each. */
export const newRecoveryCodes = (): string[] =>
  Array.from({ length: RECOVERY_CODES }, () => {
    const letters = base32(randomBytes(10)).toLowerCase()
    return `${letters.slice(0, 5)}-${letters.slice(5, 10)}`
  })

function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{5}/g) ?? []).map((five) => BASE32[Number.parseInt(five, 2)]).join('')
}

/** AES-256-GCM: 12 bytes of nonce, the bytes, 16 bytes of tag. It opens for this person only. */
export function seal(secret: Uint8Array, userId: UserId, keys: FactorKeys): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', keys.seal, nonce).setAAD(Buffer.from(userId))
  return Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]).toString('base64')
}

function open(sealed: string, userId: UserId, keys: FactorKeys): Buffer {
  const bytes = Buffer.from(sealed, 'base64')
  const decipher = createDecipheriv('aes-256-gcm', keys.seal, bytes.subarray(0, 12), { authTagLength: 16 })
  decipher.setAAD(Buffer.from(userId)).setAuthTag(bytes.subarray(-16))
  return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()])
}

/** A person's factor, proved or not. */
export const findFactor = (db: Db, userId: UserId): Promise<SecondFactorTable | undefined> =>
  db.selectFrom('second_factors').selectAll().where('user_id', '=', userId).executeTakeFirst()

/** Begins anew with a secret that has not been proved. */
export async function beginFactor(tx: Tx, userId: UserId, secret_sealed: string): Promise<void> {
  await removeFactor(tx, userId)
  const row = { user_id: userId, secret_sealed, confirmed_at_ms: null, last_step: -1 }
  await tx.insertInto('second_factors').values(row).execute()
}

/** Takes the factor and its codes away. */
export async function removeFactor(tx: Tx, userId: UserId): Promise<void> {
  for (const table of ['recovery_codes', 'second_factors'] as const) {
    await tx.deleteFrom(table).where('user_id', '=', userId).execute()
  }
}

/** From now on it is asked for. */
export async function confirmFactor(
  tx: Tx,
  userId: UserId,
  { codes, nowMs, keys }: { codes: readonly string[]; nowMs: number; keys: FactorKeys },
): Promise<void> {
  await tx.updateTable('second_factors').set({ confirmed_at_ms: nowMs }).where('user_id', '=', userId).execute()
  const rows = codes.map((code) => ({ user_id: userId, code_hash: hashOf(code, userId, keys) }))
  await tx.insertInto('recovery_codes').values(rows).execute()
}

const hashOf = (code: string, userId: UserId, { hash }: FactorKeys) =>
  createHmac('sha256', hash)
    .update(`${userId} ${code.toLowerCase().replace('-', '')}`)
    .digest('hex')

/** How many recovery codes are left. */
export async function countRecoveryCodes(db: Db, userId: UserId): Promise<number> {
  const { count } = await db
    .selectFrom('recovery_codes')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow()
  return count
}

/** Uses a code up: one of the authenticator, or a recovery code. False where it is none that counts. */
export function spendCode(tx: Tx, factor: SecondFactorTable, code: string, by: { nowMs: number; keys: FactorKeys }) {
  return /^\d{6}$/.test(code) ? spendStep(tx, factor, code, by) : spendRecoveryCode(tx, factor.user_id, code, by.keys)
}

async function spendStep(
  tx: Tx,
  factor: SecondFactorTable,
  code: string,
  { nowMs, keys }: { nowMs: number; keys: FactorKeys },
): Promise<boolean> {
  const secret = open(factor.secret_sealed, factor.user_id, keys)
  const hmacOf = (counter: Uint8Array) => createHmac('sha1', secret).update(counter).digest()
  const [step] = openSteps(nowMs, factor.last_step).filter((open) =>
    timingSafeEqual(Buffer.from(codeAt(open, hmacOf)), Buffer.from(code)),
  )
  if (step === undefined) return false
  // Of two requests with one code, also at two hubs, one finds the step still unspent.
  const result = await tx
    .updateTable('second_factors')
    .set({ last_step: step })
    .where('user_id', '=', factor.user_id)
    .where('last_step', '<', step)
    .executeTakeFirst()
  return Number(result.numUpdatedRows) > 0
}

async function spendRecoveryCode(tx: Tx, userId: UserId, code: string, keys: FactorKeys): Promise<boolean> {
  const result = await tx
    .deleteFrom('recovery_codes')
    .where('user_id', '=', userId)
    .where('code_hash', '=', hashOf(code, userId, keys))
    .executeTakeFirst()
  return Number(result.numDeletedRows) > 0
}
