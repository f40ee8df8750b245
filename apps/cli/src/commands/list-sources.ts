/** `skerry source ls` */
import { allRows } from '@skerry/client/page'
import {
  type Connection,
  ConnectionScope,
  type ConnectionStatus,
  type DeviceConnections,
} from '@skerry/contract/connection'
import { Name } from '@skerry/contract/names'
import { command, fits, value } from '../command.ts'
import type { Style } from '../style.ts'
import { tableOf } from '../table.ts'
import { agoText } from '../words.ts'

export const listSources = command({
  name: 'source ls',
  summary: 'List the sources that are set at the hub; or those of a device, and how they do there',
  examples: ['skerry source ls', 'skerry source ls --scope site:rotterdam', 'skerry source ls --device gateway-7'],
  arguments: {},
  options: {
    scope: value('--scope <scope>', 'only those of organisation, site:NAME or device:NAME', fits(ConnectionScope)),
    device: value('--device <device>', 'what counts on the device, and how it does there', fits(Name)),
  },
  async run({ scope, device }, session) {
    const { client } = await session.hub()
    const { signal, style } = session
    const nowMs = session.io.nowMs()
    if (device !== undefined) {
      const found = await client.source.ofDevice({ device }, { signal })
      return session.print({ json: found, text: () => deviceText(style, found, nowMs) })
    }
    const sources = await allRows((page) => client.source.list({ ...page, ...(scope && { scope }) }, { signal }))
    session.print({ json: sources, text: () => tableText(style, sources, nowMs) })
  },
})

function tableText(style: Style, sources: readonly Connection[], nowMs: number): string {
  const rows = sources.toSorted((one, other) => (`${one.name} ${one.scope}` < `${other.name} ${other.scope}` ? -1 : 1))
  return tableOf(
    style,
    ['NAME', 'SCOPE', 'PROTOCOL', 'TAGS', 'VERSION', 'SET', 'BY'],
    rows.map(({ name, scope, protocol, tags, version, updatedAtMs, updatedBy }) => [
      ...[name, scope, protocol, tags, version],
      ...[agoText(updatedAtMs, nowMs), updatedBy],
    ]),
    'no sources; set one with "skerry source add"',
  )
}

const HELD: Readonly<Record<DeviceConnections['state'], (device: string) => string>> = {
  current: (device) => `${device} has them.`,
  behind: (device) => `${device} does not have them as they are now; it gets them when it is connected.`,
  none: (device) => `${device} has none.`,
}

function deviceText(style: Style, { device, connections, running, state, saidAtMs }: DeviceConnections, nowMs: number) {
  const table = tableOf(
    style,
    ['NAME', 'SCOPE', 'PROTOCOL', 'STATE', 'SINCE', 'VALUES/S', 'SKIPPED', 'LOST', 'WHY'],
    connections.map(({ name, scope, protocol, digest }) => {
      const status = running.find((each) => each.name === name)
      return [name, scope, protocol, ...statusCells(status, digest, nowMs)]
    }),
    'no sources count on it',
  )
  const said = agoText(saidAtMs, nowMs)
  return `${table}\n\n${HELD[state](device)}${said === undefined ? '' : ` It said so ${said}.`}`
}

function statusCells(status: ConnectionStatus | undefined, digest: string, nowMs: number) {
  if (!status) return ['unknown', undefined, undefined, undefined, undefined, 'the device has said nothing of it']
  const { state, sinceMs, figures, cause } = status
  const why = cause?.message ?? (status.digest === digest ? undefined : 'still as it was before')
  return [state, agoText(sinceMs, nowMs), figures?.valuesPerSecond, figures?.skipped, figures?.lost, why]
}
