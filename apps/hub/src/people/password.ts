/**
 * Password: hashed with argon2id [RFC 9106], in Node's own threads. The usual PHC string stores the parameters, so that
 * old hashes stay readable when the parameters change. Hashing requests take turns.
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { isKnownLane } from './factors/known-place.ts'
import { createHashQueue } from './hash-queue.ts'

const derive = promisify(argon2)

/** [OWASP Password Storage] 19 MiB, two passes, one lane: some 70 ms, and a guess costs a thief the same. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 }
const SALT_BYTES = 16
const HASH_BYTES = 32

/** Two of Node's four threads, because files and certificates need the others. */
const AT_ONCE_MAX = 2

/** More requests would wait for seconds, and delay all others. */
const WAITING_MAX = 32

const queue = createHashQueue({ atOnceMax: AT_ONCE_MAX, waitingMax: WAITING_MAX, isKnown: isKnownLane })

/** Runs hashing work, a few at a time, in the turn of its lane. */
export const inTurn = <T>(lane: string, work: () => Promise<T>): Promise<T> => queue.run(lane, work)

/** The hash as a PHC string. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const hash = await hashWith(password, salt, COST, HASH_BYTES)
  const { memory, passes, parallelism } = COST
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${text(salt)}$${text(hash)}`
}

const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d)\$([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{22,86})$/

/** Whether the password has this hash. */
export async function isPassword(password: string, phc: string): Promise<boolean> {
  const [, memory, passes, parallelism, salt = '', hash = ''] = PHC.exec(phc) ?? []
  const expected = Buffer.from(hash, 'base64')
  if (expected.length === 0) return false
  const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) }
  const found = await hashWith(password, Buffer.from(salt, 'base64'), cost, expected.length)
  return timingSafeEqual(expected, found)
}

/** Takes as long as a true comparison, so that the time does not show whether an address has an account. */
export async function pretendToCompare(password: string): Promise<false> {
  await hashWith(password, Buffer.alloc(SALT_BYTES), COST, HASH_BYTES)
  return false
}

const hashWith = (password: string, nonce: Buffer, cost: typeof COST, tagLength: number): Promise<Buffer> =>
  // [NIST SP 800-63B 3.1.1.2] Normalises the letters, because keyboards encode them differently.
  derive('argon2id', { message: password.normalize('NFKC'), nonce, tagLength, ...cost })

const text = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
