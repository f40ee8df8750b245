/**
 * Device queries: the requests that only the page of a device sends. Each key begins with a noun. A change of
 * that noun's level triggers the next fetch.
 */
import { allRows } from '@skerry/client/page'
import type { Device } from '@skerry/contract/devices/device'
import { DEVICE_EVENTS_MAX, type DeviceEvent } from '@skerry/contract/devices/device-event'
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'

/**
 * There are rarely more new rows than this. A page that stays open on a busy device fetches at most this many each
 * time.
 */
const FRESH_ROWS = 50

type Known = Pick<Device, 'id'>

export const deviceQueries = {
  /** The history, newest first. Events never change, so the page fetches only new ones. */
  events: ({ id }: Known) => {
    const queryKey = ['devices', 'events', id]
    return queryOptions({
      queryKey,
      queryFn: ({ signal, client }) => eventsSince(id, client.getQueryData<DeviceEvent[]>(queryKey) ?? [], signal),
    })
  },
  deployments: ({ id }: Known) =>
    queryOptions({
      queryKey: ['devices', 'deployments', id],
      queryFn: ({ signal }) => allRows((page) => hub.deployment.list({ ...page, device: id }, { signal })),
    }),
  explanation: ({ id }: Known, deployment: string) =>
    queryOptions({
      queryKey: ['devices', 'explanation', id, deployment],
      queryFn: ({ signal }) => hub.deployment.explain({ device: id, deployment }, { signal }),
    }),
}

async function eventsSince(device: Device['id'], known: readonly DeviceEvent[], signal: AbortSignal) {
  const newest = known[0]?.sequence ?? 0
  const limit = newest === 0 ? DEVICE_EVENTS_MAX : FRESH_ROWS
  const fresh: DeviceEvent[] = []
  let after: string | undefined
  do {
    const page = await hub.device.events({ device, limit, ...(after !== undefined && { after }) }, { signal })
    // After a restore from a backup, the hub counts from an earlier number. The events on this page then belong to a
    // lost past.
    if (after === undefined && (page.rows[0]?.sequence ?? 0) < newest) return eventsSince(device, [], signal)
    for (const event of page.rows) {
      if (event.sequence <= newest) return [...fresh, ...known].slice(0, DEVICE_EVENTS_MAX)
      fresh.push(event)
    }
    after = page.next
  } while (after !== undefined)
  return fresh.slice(0, DEVICE_EVENTS_MAX)
}
