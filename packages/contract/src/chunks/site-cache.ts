/**
 * Site cache: a device that keeps the files which its neighbours need, so that the hub sends one copy to a site. The
 * hub names the caches of a device, and the keys of both sides, so they need no common authority:
 *
 *     hub    GET  /v1/blobs/{digest}/caches   the caches of the calling device, and its pass for this file
 *     cache  POST /v1/blobs/{digest}/order    makes the cache fetch the file; answers with its state
 *     cache  GET  /v1/blobs/{digest}          the bytes, from an offset if the request has one
 *
 * An older hub answers 404, and the device fetches the file from the hub.
 */
import * as z from 'zod'
import { statementEnvelope } from '../link/link-message.ts'
import { Digest } from '../values/digest.ts'
import { InstantMs, Name } from '../values/names.ts'

export const CACHE_PASS_PAYLOAD_TYPE = 'application/vnd.skerry.cache-pass.v1+json'

/** The header of a request to a cache: the pass as JSON, in base64url. */
export const CACHE_PASS_HEADER = 'x-skerry-pass'

/** A smaller file costs about as many bytes as the request for its pass and its way through the cache. */
export const CACHED_BYTES_MIN = 64 * 1024

/** A cache and a spare one are enough for a site; each further one costs a copy of its own when it is asked. */
export const SITE_CACHES_MAX = 4

/** A device of the site and its address there, such as `press-4=10.0.0.7:8600`. */
export const SiteCacheAddress = z
  .string()
  .max(330)
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?=(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?):[1-9][0-9]{0,4}$/,
    { error: 'must be DEVICE=HOST:PORT, such as press-4=10.0.0.7:8600' },
  )

/** SHA-256 of a public key (SPKI in DER), as hexadecimal digits. */
export const KeyHash = z.string().regex(/^[0-9a-f]{64}$/)

/** A slow line may need a day for a large file. A revoked device gets no further pass. */
export const CACHE_PASS_LIFE_MS = 86_400_000

/** Strict: a cache does not serve by a pass with a field that it does not know. */
export const CachePass = z.strictObject({
  v: z.literal(1),
  blob: Digest,
  sizeBytes: z.int().min(0),
  /** The key of the device that may read the file. */
  deviceKey: KeyHash,
  /**
   * The keys of the caches that may serve it. A hub signs for all of its organisations with one key, so that a cache
   * knows only by this list that the pass is for itself.
   */
  cacheKeys: z.array(KeyHash).max(SITE_CACHES_MAX),
  /** By the clock of the hub. */
  expiresAtMs: InstantMs,
})
export type CachePass = z.infer<typeof CachePass>

export const CachePassEnvelope = statementEnvelope(CACHE_PASS_PAYLOAD_TYPE)
export type CachePassEnvelope = z.infer<typeof CachePassEnvelope>

/** Not strict: a later hub may add fields. */
export const SiteCaches = z.object({
  /** The first one that answers is used. */
  caches: z.array(z.object({ device: Name, address: z.string().max(300), key: KeyHash })).max(SITE_CACHES_MAX),
  pass: CachePassEnvelope,
})
export type SiteCaches = z.infer<typeof SiteCaches>

/** Not strict: a later cache may add fields. */
export const CacheOrder = z.object({
  /** here: the file can be read. coming: the cache fetches it, or other files before it. refused: ask elsewhere. */
  state: z.enum(['here', 'coming', 'refused']),
  message: z.string().max(500).optional(),
  /** All bytes that have arrived at the cache since it started. It grows as long as the cache makes progress. */
  arrivedBytes: z.int().min(0),
})
export type CacheOrder = z.infer<typeof CacheOrder>
