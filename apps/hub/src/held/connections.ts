/**
 * The sources and sinks of a device. The document names digests only, so it is small; the device fetches the missing
 * files over HTTPS.
 */
import { CONNECTIONS, type ConnectionsDocument, type HeldConnections } from '@skerry/contract/held/connections'
import { keepHeld, newConnections, saidOf } from '../connections/device-connections.ts'
import { AGAIN_MS, findActiveDevice, type HeldDocument } from './held-document.ts'

/** `running` comes from the device's report only, and no message of the hub changes it. */
export const connectionsHeld: HeldDocument<ConnectionsDocument, HeldConnections> = {
  kind: CONNECTIONS,
  wakes: ['connections.changed', 'device.changed'],
  async next({ store }, connection, { revision: held }) {
    const device = await findActiveDevice(store.db, connection)
    const document = device && (await newConnections(store.db, device, held))
    return document && { document, standing: { revision: document.revision, running: [] } }
  },
  revision: ({ revision }) => revision,
  againMs: AGAIN_MS,
  record: {
    async findNews(db, { deviceId }, said) {
      const { revision, ...known } = (await saidOf(db, deviceId)) ?? NOTHING_SAID
      if ((revision ?? undefined) !== said.revision || stateText(known) !== stateText(said)) return 'state'
      return statusText(known) === statusText(said) ? 'none' : 'figures'
    },
    write: keepHeld,
  },
}

type Statuses = Pick<HeldConnections, 'running'> & { hubQueue?: HeldConnections['hubQueue'] }

const NOTHING_SAID = { revision: null, running: [] }

/** Without the figures. */
const stateText = ({ running, hubQueue }: Statuses) =>
  statusText({
    running: running.map(({ figures: _figures, ...state }) => state),
    ...(hubQueue && { hubQueue: { ...hubQueue, figures: undefined } }),
  })

const statusText = ({ running, hubQueue }: Statuses) => JSON.stringify([running, hubQueue])
