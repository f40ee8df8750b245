/** Body limits: the maximum body of each procedure, and the part that the main thread parses itself. */
import type { Access } from '@skerry/contract/api/procedure'

/**
 * Inputs of the API are names, labels and selectors. A deployment with 100 waves and long selectors is less than half
 * of it.
 */
const USUAL_MAX = 1024 * 1024

/**
 * Callers without a key send passwords, certificate requests of 8 KiB, and the answers of authenticators, which are the
 * largest.
 */
const PUBLIC_MAX = 64 * 1024

const LARGE: Readonly<Record<string, number>> = {
  /** 32 MiB of tensors in base64, and their metadata. */
  'device.infer': 44 * 1024 * 1024,
  /** 32 MiB of a source's configuration, and its name and scope. */
  'source.set': 33 * 1024 * 1024,
  'source.plan': 33 * 1024 * 1024,
  /** 500 advisories, of which those of a kernel name thousands of versions. */
  'vulnerability.import': 24 * 1024 * 1024,
  /** The bill of materials of a system image. */
  'vulnerability.setParts': 24 * 1024 * 1024,
  /**
   * 16 Mi characters of base64 of golden inputs, 2 MiB of names of tensors and 1 MiB of paths, with escapes of some of
   * these.
   */
  'model.push': 24 * 1024 * 1024,
}

/** The maximum body of a procedure. */
export const bodyMaxOf = (procedure: string, access: Access): number =>
  access === 'public' ? PUBLIC_MAX : (LARGE[procedure] ?? USUAL_MAX)

/** Decoding and parsing so many bytes of text takes a millisecond, which other requests do not notice. */
export const INLINE_BYTES_MAX = 256 * 1024

/**
 * Values cost more than their bytes: so many empty lists also take a millisecond. Nearly all requests have some
 * hundreds.
 */
export const INLINE_VALUES_MAX = 5_000

/** A request without a key has some dozens of values. */
export const PUBLIC_VALUES_MAX = 1_000
