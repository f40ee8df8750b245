/**
 * Password: hashed with argon2id [RFC 9106], in Node's own threads. Its text is what others write too (PHC string), so that other parameters
 * can follow and old hashes stay readable. Whoever hashes does so in turn.
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { isKnownLane } from './factors/known-place.ts'
import { createHashQueue } from './hash-queue.ts'

const derive = promisify(argon2)

/** [OWASP Password Storage] 19 MiB, two passes, one lane: some 70 ms, and a guess costs a thief as much. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 }
const SALT_BYTES = 16
const HASH_BYTES = 32

/** Two of Node's four threads: files and certificates need the others. */
const AT_ONCE_MAX = 2

/** Whoever comes later would wait for seconds, and keep everybody else waiting. */
const WAITING_MAX = 32

const queue = createHashQueue({ atOnceMax: AT_ONCE_MAX, waitingMax: WAITING_MAX, isKnown: isKnownLane })

/** Runs work that hashes, a few at a time, in the turn of its lane. */
export const inTurn = <T>(lane: string, work: () => Promise<T>): Promise<T> => queue.run(lane, work)

/** As a PHC string. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const hash = await hashWith(password, salt, COST, HASH_BYTES)
  const { memory, passes, parallelism } = COST
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${text(salt)}$${text(hash)}`
}

const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d)\$([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{22,86})$/

/** Whether the hash is of this password. */
export async function isPassword(password: string, phc: string): Promise<boolean> {
  const [, memory, passes, parallelism, salt = '', hash = ''] = PHC.exec(phc) ?? []
  const expected = Buffer.from(hash, 'base64')
  if (expected.length === 0) return false
  const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) }
  const found = await hashWith(password, Buffer.from(salt, 'base64'), cost, expected.length)
  return timingSafeEqual(expected, found)
}

/** As long as a true comparison takes: that an address has no account must not show in time. */
export async function pretendToCompare(password: string): Promise<false> {
  await hashWith(password, Buffer.alloc(SALT_BYTES), COST, HASH_BYTES)
  return false
}

const hashWith = (password: string, nonce: Buffer, cost: typeof COST, tagLength: number): Promise<Buffer> =>
  // [NIST SP 800-63B 3.1.1.2] The same letters, however the keyboard makes them.
  derive('argon2id', { message: password.normalize('NFKC'), nonce, tagLength, ...cost })

const text = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
