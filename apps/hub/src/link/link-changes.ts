/** Link changes: what happens to a device's connection when something about the device has changed. */
import { DeviceId } from '@skerry/contract/values/ids'
import { isRefused } from '@skerry/core/devices/quarantine'
import { findDeviceById } from '../devices/device-store.ts'
import { type Problem, problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { isOpen } from '../organisations/organisation-state.ts'
import { wake } from './desired-stream.ts'
import { CLOSE, type LinkConnection } from './link-connection.ts'

type ChangesHub = Pick<Hub, 'bus' | 'store' | 'log' | 'clock' | 'jobs' | 'metrics' | 'signal' | 'authorities'>

/** Wakes the streams of devices about which something has changed. `seen` counts the changes of any device. */
export function followChanges(hub: ChangesHub, connections: ReadonlyMap<DeviceId, LinkConnection>) {
  let seen = 0
  const stops = [
    hub.bus.subscribe('desired.changed', undefined, (key) => {
      const connection = connections.get(DeviceId.parse(key))
      if (connection) wake(hub, connection)
    }),
    hub.bus.subscribe('device.changed', undefined, (key) => {
      seen += 1
      const connection = connections.get(DeviceId.parse(key))
      if (!connection) return
      void lookAgain(hub, connection)
      wake(hub, connection)
      hub.jobs.find(connection.deviceId)?.wake()
    }),
    hub.bus.subscribe('organisation.changed', undefined, (key) => {
      seen += 1
      for (const connection of connections.values()) {
        if (connection.organisationId === key) void lookAgain(hub, connection)
      }
    }),
    hub.authorities.onChange(() => {
      for (const connection of connections.values()) refuseStranger(hub, connection)
    }),
    hub.bus.subscribe('everything.changed', undefined, () => {
      seen += 1
      void lookAtAll(hub, connections)
    }),
  ]
  return {
    seen: () => seen,
    stop() {
      for (const stop of stops) stop()
    },
  }
}

/** A status that changed while the device is connected. Who may not go on is told so, and the connection ends. */
export async function lookAgain(hub: ChangesHub, connection: LinkConnection): Promise<void> {
  try {
    const device = await findDeviceById(hub.store.db, connection.deviceId)
    if (!device || isRefused(device.status)) return refuse(hub, connection, problem('device_revoked'))
    if (!(await isOpen(hub.store.db, connection.organisationId))) {
      refuse(hub, connection, problem('organisation_disabled'))
    }
  } catch (error) {
    hub.log.error('link_status_unread', { deviceId: connection.deviceId, error })
  }
}

/** Whoever signed its certificate has been retired. */
function refuseStranger(hub: ChangesHub, connection: LinkConnection): void {
  const { issuer } = connection
  if (issuer !== undefined && hub.authorities.counts(issuer)) return
  refuse(hub, connection, problem('certificate_invalid'))
}

/** How long a device that was told the reason may take to close its side, before it is cut off. */
const CLOSE_MS = 500

/** Whoever does not listen is cut off: nothing that it sends is looked at any more. */
function refuse({ metrics }: ChangesHub, connection: LinkConnection, refusal: Problem): void {
  const { socket } = connection
  connection.refusal = refusal
  if (socket.readyState !== socket.OPEN) return
  metrics.linkRefusals.inc({ code: refusal.code })
  connection.desired?.sink.fail(refusal)
  connection.desired = undefined
  socket.close(CLOSE.refused, refusal.code)
  setTimeout(() => socket.terminate(), CLOSE_MS).unref()
}

/** One after another: it is never urgent, and others want the database, too. */
async function lookAtAll(hub: ChangesHub, connections: ReadonlyMap<DeviceId, LinkConnection>): Promise<void> {
  for (const connection of [...connections.values()]) {
    await lookAgain(hub, connection)
    wake(hub, connection)
    hub.jobs.find(connection.deviceId)?.wake()
  }
}
