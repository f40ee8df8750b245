/** Join cluster: makes a hub one of those on its PostgreSQL: it hears them, tells them, and leads them when nobody else does. */
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { Bus } from '../bus.ts'
import type { Store } from '../store/store.ts'
import { ONLY } from '../store/tables/hub-tables.ts'
import { createAttendance } from './attendance.ts'
import type { Cluster } from './cluster.ts'
import { createLeadership } from './leadership.ts'
import { createOutbox, EVERYTHING, eventsOf } from './notes.ts'
import { type Ask, keepSession } from './session.ts'

/** What happens at once is told at once, and a device that waits does not notice. */
const GATHER_MS = 10

/** Of all hubs on a database. A schema of its own makes no other channel: what is heard wrongly only has somebody look. */
const CHANNEL = 'skerry_hubs'

export type ClusterOptions = { url: string; hubId: string; store: Store; clock: Clock; log: Log }

/** Joins. `bus` is this hub's own; the one that is given back tells the others, too. */
export function joinCluster({ url, hubId, store, clock, log }: ClusterOptions, bus: Bus): Cluster & { bus: Bus } {
  const outbox = createOutbox()
  const leadership = createLeadership({ store, hubId, clock, log, release: () => session.drop() })
  const attendance = createAttendance({ hubId, clock })
  let epochSeen: number | undefined
  const session = keepSession(
    { url, log },
    {
      channel: CHANNEL,
      async opened(ask) {
        // What was told meanwhile, here and there, is not known.
        bus.publish(...EVERYTHING)
        outbox.add(EVERYTHING)
        await send(ask)
      },
      async beat(ask) {
        // What the leader before has not told any more is looked for.
        const epoch = await newestEpoch(ask)
        if (epochSeen !== undefined && epoch !== epochSeen) bus.publish(...EVERYTHING)
        epochSeen = epoch
        await attendance.beat(ask)
        await leadership.beat(ask)
      },
      heard(text) {
        for (const [topic, key] of eventsOf(text, hubId)) bus.publish(topic, key)
      },
      closed() {
        attendance.closed()
        void leadership.lose()
      },
    },
  )
  const send = async (ask: Ask) => {
    for (const text of outbox.take(hubId)) await ask('select pg_notify($1, $2)', [CHANNEL, text])
  }
  let gathering: NodeJS.Timeout | undefined
  const publish: Bus['publish'] = (topic, key) => {
    bus.publish(topic, key)
    outbox.add([topic, key])
    gathering ??= setTimeout(() => {
      gathering = undefined
      // What is lost with the connection is made up for when it is open again.
      send(session.ask).catch(() => undefined)
    }, GATHER_MS)
  }
  return {
    hubId,
    isShared: true,
    bus: { ...bus, publish },
    isLeading: leadership.isLeading,
    lead: leadership.lead,
    announce: attendance.announce,
    members: () => attendance.members(session.ask),
    async [Symbol.asyncDispose]() {
      await leadership.lose()
      await session[Symbol.asyncDispose]()
      clearTimeout(gathering)
    },
  }
}

async function newestEpoch(ask: Ask): Promise<number> {
  const [row] = await ask<{ epoch: number }>(`select epoch from hub_leader where id = ${ONLY}`)
  return row?.epoch ?? 0
}
