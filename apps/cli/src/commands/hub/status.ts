import { silentItemsText } from '@skerry/core/devices/tense'
import { command } from '../../program/command.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { rolloutHeads, rolloutRows } from '../rollouts/rollout-view.ts'

export const showStatus = command({
  name: 'status',
  summary: 'Show the state of the fleet: devices, models, running rollouts',
  examples: ['skerry status'],
  arguments: {},
  options: {},
  async run(_input, session) {
    const { client, connection } = await session.hub()
    const status = await client.hub.status({}, { signal: session.signal })
    session.print({
      json: status,
      text: () => {
        const { style } = session
        const { devices, items } = status
        const warn = (count: number) => (count > 0 ? style.yellow(String(count)) : String(count))
        const facts = factsOf(style, [
          ['hub', `${connection.hub} (skerry ${status.hubVersion})`],
          ['organisation', status.organisation],
          ['sites', status.sites],
          [
            'devices',
            `${devices.online} online, ${warn(devices.stale)} stale${stoppedText(devices.stopped)}, ${devices.never} never seen, ${warn(devices.pending)} pending, ` +
              `${warn(devices.conflictPaused)} conflict-paused, ${warn(devices.quarantined)} quarantined, ${devices.revoked} revoked`,
          ],
          [
            'items',
            `${items.active} active, ${items.moving} moving, ${warn(items.failed)} failed${silentText(items.silent)}`,
          ],
          ['models', status.models],
          ['deployments', status.deployments],
        ])
        const rollouts = tableOf(style, rolloutHeads, rolloutRows(status.rollouts, session), 'no rollout is running')
        return `${facts}\n\n${rollouts}`
      },
    })
  },
})

const silentText = (silent: number | undefined) => {
  const text = silentItemsText(silent)
  return text === undefined ? '' : `; ${text}`
}

/** A stopped agent is no fault to look for. */
const stoppedText = (stopped = 0) => (stopped > 0 ? ` (${stopped} stopped)` : '')
