/** Body limits: how much each procedure reads, and how much of it the one thread of all requests parses itself. */
import type { Access } from '@skerry/contract/api/procedure'

/** Inputs of the API are names, labels, selectors; a deployment with 100 waves and long selectors stays under half of it. */
const USUAL_MAX = 1024 * 1024

/** Strangers send passwords, certificate requests of 8 KiB, and what an authenticator made, which is the largest of them. */
const PUBLIC_MAX = 64 * 1024

const LARGE: Readonly<Record<string, number>> = {
  /** 32 MiB of tensors in base64, and what is said about them. */
  'device.infer': 44 * 1024 * 1024,
  /** 32 MiB of what a source says, and its name and scope. */
  'source.set': 33 * 1024 * 1024,
  'source.plan': 33 * 1024 * 1024,
  /** 16 Mi characters of base64 of golden inputs; 2 MiB of names of tensors and 1 MiB of paths; escapes of some of these. */
  'model.push': 24 * 1024 * 1024,
}

/** The most that the body of a procedure may have. */
export const bodyMaxOf = (procedure: string, access: Access): number =>
  access === 'public' ? PUBLIC_MAX : (LARGE[procedure] ?? USUAL_MAX)

/** Decoding and parsing so many bytes of text takes a millisecond; the request that waits meanwhile does not notice. */
export const INLINE_BYTES_MAX = 256 * 1024

/** Values cost more than their bytes: so many empty lists take a millisecond too. Nearly all requests have some hundreds. */
export const INLINE_VALUES_MAX = 5_000

/** A request of a stranger names some dozens of things. */
export const PUBLIC_VALUES_MAX = 1_000
