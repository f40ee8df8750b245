/** Cache routes: the hub names the caches of a device, and gives it a pass for one file (contract, chunks/site-cache.ts). */
import { CACHE_PASS_LIFE_MS, CACHED_BYTES_MIN, type SiteCaches } from '@skerry/contract/chunks/site-cache'
import { Digest } from '@skerry/contract/values/digest'
import { isRefused } from '@skerry/core/devices/quarantine'
import { cachesFor } from '@skerry/core/settings/site-caches'
import { signCachePass } from '@skerry/platform/chunks/cache-pass'
import type { FastifyInstance } from 'fastify'
import { findBlob } from '../blobs/blob-store.ts'
import { findDevice } from '../devices/device-store.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { callingDevice } from '../link/calling-device.ts'
import { wantedSettings } from '../settings/device-settings.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'

/** Adds the route. Only devices use it. */
export function installCacheRoutes(app: FastifyInstance, hub: Hub): void {
  app.get('/v1/blobs/:digest/caches', { exposeHeadRoute: false }, async (request): Promise<SiteCaches> => {
    const device = await callingDevice(hub, request, 'blob')
    const digest = Digest.safeParse((request.params as { digest: string }).digest)
    const blob = digest.success && (await findBlob(hub.store.db, device.organisation_id, digest.data))
    if (!digest.success || !blob || blob.size_bytes < CACHED_BYTES_MIN) throw problem('blob_unknown')
    const caches = await cachesOf(hub, device)
    const pass = {
      v: 1 as const,
      blob: digest.data,
      sizeBytes: blob.size_bytes,
      deviceKey: device.public_key_hash,
      cacheKeys: caches.map(({ key }) => key),
      expiresAtMs: hub.clock.nowMs() + CACHE_PASS_LIFE_MS,
    }
    return { caches, pass: signCachePass(pass, hub.signing) }
  })
}

/** A name that no trusted device has is left out: a person may have removed the device. */
async function cachesOf(hub: Hub, device: DeviceTable): Promise<SiteCaches['caches']> {
  const { settings } = await wantedSettings(hub.store.db, device)
  const caches: SiteCaches['caches'] = []
  for (const { device: name, address } of cachesFor(settings.siteCaches, device.name)) {
    const found = await findDevice(hub.store.db, device.organisation_id, name)
    const isTrusted = found && !isRefused(found.status) && found.status !== 'quarantined'
    if (isTrusted) caches.push({ device: found.name, address, key: found.public_key_hash })
  }
  return caches
}
