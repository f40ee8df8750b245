/** TOTP: which of the codes of an authenticator counts now [RFC 6238]. The codes themselves need a hash, which is an argument. */

/** [RFC 6238 5.2] Half a minute; and one step either way for clocks and for typing. */
const STEP_MS = 30_000
const DRIFT_STEPS = 1

const DIGITS = 6

/** [RFC 4226 5.3] HMAC-SHA-1 of the counter, cut down to six digits. */
export function codeAt(step: number, hmacOf: (counter: Uint8Array) => Uint8Array): string {
  const counter = new DataView(new ArrayBuffer(8))
  counter.setBigUint64(0, BigInt(step))
  const hash = hmacOf(new Uint8Array(counter.buffer))
  const offset = (hash.at(-1) ?? 0) & 15
  const number = new DataView(hash.buffer, hash.byteOffset, hash.byteLength).getUint32(offset) & 0x7fff_ffff
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0')
}

export const stepAt = (nowMs: number): number => Math.floor(nowMs / STEP_MS)

/** The steps whose codes count now, of those that none has been used of [RFC 6238 5.2]: a code that was seen is worth nothing. */
export function openSteps(nowMs: number, lastStep: number): number[] {
  const now = stepAt(nowMs)
  const steps = []
  for (let step = now - DRIFT_STEPS; step <= now + DRIFT_STEPS; step++) if (step > lastStep) steps.push(step)
  return steps
}
