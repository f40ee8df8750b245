/** `skerry sink ls` */
import { allRows } from '@skerry/client/page'
import { type Connection, ConnectionScope, type DeviceConnections } from '@skerry/contract/connection'
import { Name } from '@skerry/contract/names'
import { command, fits, value } from '../command.ts'
import type { Style } from '../style.ts'
import { tableOf } from '../table.ts'
import { agoText } from '../words.ts'

export const listSinks = command({
  name: 'sink ls',
  summary: 'List the sinks that are set at the hub; or those of a device, and how they do there',
  examples: ['skerry sink ls', 'skerry sink ls --scope site:rotterdam', 'skerry sink ls --device gateway-7'],
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
      const found = await client.sink.ofDevice({ device }, { signal })
      return session.print({ json: found, text: () => deviceText(style, found, nowMs) })
    }
    const sinks = await allRows((page) => client.sink.list({ ...page, ...(scope && { scope }) }, { signal }))
    session.print({ json: sinks, text: () => tableText(style, sinks, nowMs) })
  },
})

function tableText(style: Style, sinks: readonly Connection[], nowMs: number): string {
  const rows = sinks.toSorted((one, other) => (`${one.name} ${one.scope}` < `${other.name} ${other.scope}` ? -1 : 1))
  return tableOf(
    style,
    ['NAME', 'SCOPE', 'PROTOCOL', 'VERSION', 'SET', 'BY'],
    rows.map(({ name, scope, protocol, version, updatedAtMs, updatedBy }) => [
      ...[name, scope, protocol, version],
      ...[agoText(updatedAtMs, nowMs), updatedBy],
    ]),
    'no sinks; set one with "skerry sink set"',
  )
}

function deviceText(style: Style, { connections, running }: DeviceConnections, nowMs: number): string {
  return tableOf(
    style,
    ['NAME', 'SCOPE', 'PROTOCOL', 'STATE', 'SINCE', 'VALUES/S', 'WAITING', 'LOST', 'WHY'],
    connections.map(({ name, scope, protocol, digest }) => {
      const status = running.find((each) => each.name === name)
      if (!status)
        return [
          name,
          scope,
          protocol,
          'unknown',
          undefined,
          undefined,
          undefined,
          undefined,
          'the device has said nothing of it',
        ]
      const { state, sinceMs, figures, cause } = status
      const why = cause?.message ?? (status.digest === digest ? undefined : 'still as it was before')
      const counts = [figures?.valuesPerSecond, figures?.waiting, figures?.lost]
      return [name, scope, protocol, state, agoText(sinceMs, nowMs), ...counts, why]
    }),
    'no sinks count on it',
  )
}
