/** Label route: sends a device the labels of its own rows, page by page. No other device and no key reads them here. */
import { DEVICE_LABELS_PATH, type DeviceLabels, LABELS_PAGE_MAX } from '@skerry/contract/captures/device-labels'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { callingDevice } from '../link/calling-device.ts'
import { labelsAfter } from './label-store.ts'

/** Adds the route. The device is that of the certificate, so there is no name that could be another device's. */
export function installLabelRoute(app: FastifyInstance, hub: Hub): void {
  app.get(DEVICE_LABELS_PATH, { exposeHeadRoute: false }, async (request): Promise<DeviceLabels> => {
    const device = await callingDevice(hub, request, 'captureLabels')
    const page = { after: afterOf(request), limit: LABELS_PAGE_MAX + 1 }
    const rows = await labelsAfter(hub.store.db, device.id, page)
    const labels = rows.slice(0, LABELS_PAGE_MAX).map(({ sequence, model, request: key, at_ms: atMs, label }) => ({
      sequence: Number(sequence),
      model,
      request: key,
      atMs: Number(atMs),
      label,
    }))
    return { labels, isCut: rows.length > LABELS_PAGE_MAX }
  })
}

/** Numbers of labels stay below 2^53. */
const NUMBER = /^\d{1,15}$/

function afterOf({ query }: FastifyRequest): number {
  const { after } = query as { after?: unknown }
  if (typeof after !== 'string' || !NUMBER.test(after))
    throw problem('input_invalid', 'give the number of the newest label that the device has as ?after=, such as 0')
  return Number(after)
}
