/** Connection view: sources and sinks at the hub, and their state on a device, as text. */
import { allRows } from '@skerry/client/page'
import {
  type Connection,
  type ConnectionKind,
  type ConnectionReports,
  ConnectionScope,
  type ConnectionStatus,
  type DeviceConnections,
} from '@skerry/contract/connections/connection'
import { UNPROVEN } from '@skerry/contract/sources/source-proof'
import { reportsText, troubleText } from '@skerry/core/connections/report-words'
import { knownRate, RATE_UNKNOWN } from '@skerry/core/equipment/known-rate'
import { stringify } from 'yaml'
import type { Session } from '../../program/session.ts'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { agoText, instantText } from '../../program/terminal/words.ts'
import { rateText } from '../flows/look-view.ts'
import type { OptionOf } from './connection-place.ts'
import { connectionNamed } from './connection-setting.ts'

type Listing = { scope: ConnectionScope | undefined; device: string | undefined }

/** Lists the connections at the hub; or those that apply to the device, with their state there. */
export async function listConnections(kind: ConnectionKind, { scope, device }: Listing, session: Session) {
  const { client } = await session.hub()
  const { signal, style } = session
  const nowMs = session.io.nowMs()
  if (device !== undefined) {
    const found = await client[kind].ofDevice({ device }, { signal })
    return session.print({ json: found, text: () => deviceText(style, kind, found, nowMs) })
  }
  const rows = await allRows((page) => client[kind].list({ ...page, ...(scope && { scope }) }, { signal }))
  session.print({ json: rows, text: () => tableText(style, kind, rows, nowMs) })
}

/** Prints its author, its time, and its file. */
export async function showConnection(
  kind: ConnectionKind,
  reference: { name: string; scope: ConnectionScope; optionOf?: OptionOf },
  session: Session,
) {
  const { id } = await connectionNamed(await session.hub(), { kind, ...reference }, session)
  await printConnection({ kind, id }, session)
}

/** The same for a connection that applies to the device, from any scope, with its state there. */
export async function showOnDevice(
  kind: ConnectionKind,
  { name, device }: { name: string; device: string },
  session: Session,
) {
  const hub = await session.hub()
  const there = await hub.client[kind].ofDevice({ device }, { signal: session.signal })
  const applied = there.connections.find((each) => each.name === name)
  const scope = ConnectionScope.parse(`device:${there.device}`)
  const { id } = applied ?? (await connectionNamed(hub, { kind, name, scope }, session))
  await printConnection({ kind, id, there }, session)
}

async function printConnection(
  { kind, id, there }: { kind: ConnectionKind; id: string; there?: DeviceConnections },
  session: Session,
) {
  const hub = await session.hub()
  const found = await hub.client[kind].get({ connection: id }, { signal: session.signal })
  const { connection, spec } = found
  const status = there?.running.find((each) => each.name === connection.name)
  session.print({
    json: there ? { ...found, status } : found,
    text: () =>
      [
        ...(there
          ? [deviceText(session.style, kind, { ...there, connections: [connection] }, session.io.nowMs())]
          : []),
        factsOf(session.style, [
          ['name', connection.name],
          ['scope', connection.scope],
          ['id', connection.id],
          ['version', connection.version],
          ...(kind === 'source' ? [['tags', connection.tags] as const] : []),
          ['set', `${instantText(connection.updatedAtMs)} by ${connection.updatedBy}`],
        ]),
        stringify(spec).trimEnd(),
      ].join('\n\n'),
  })
}

const FIRST: Readonly<Record<ConnectionKind, string>> = {
  source: 'no sources; set one with "skerry source add"',
  sink: 'no sinks; set one with "skerry sink add"',
}

function tableText(style: Style, kind: ConnectionKind, connections: readonly Connection[], nowMs: number): string {
  const rows = connections.toSorted((one, other) =>
    `${one.name} ${one.scope}` < `${other.name} ${other.scope}` ? -1 : 1,
  )
  const isOfTags = kind === 'source'
  return tableOf(
    style,
    [
      ...['NAME', 'SCOPE', 'PROTOCOL', ...(isOfTags ? ['TAGS'] : []), 'STATE', 'VALUES/S', 'SINCE', 'VERSION', 'SET'],
      ...['BY', 'LAST ERROR'],
    ],
    rows.map(({ name, scope, protocol, tags, version, updatedAtMs, updatedBy, reports }) => [
      ...[name, scope, protocolText(protocol), ...(isOfTags ? [tags] : []), ...reportCells(reports, nowMs), version],
      ...[agoText(updatedAtMs, nowMs), updatedBy, troubleText(reports)],
    ]),
    FIRST[kind],
  )
}

/** The states on the devices, the sum of their values, and since when the newest problem lasts. */
function reportCells(reports: ConnectionReports | undefined, nowMs: number) {
  // An older hub sends no reports.
  if (!reports) return ['unknown', undefined, undefined]
  const { valuesPerSecond, trouble, states } = reports
  const isKnown = Object.keys(states).length > 0
  return [reportsText(reports), isKnown ? rateText(valuesPerSecond) : undefined, agoText(trouble?.sinceMs, nowMs)]
}

/** Marks a protocol that was only tested against our own implementation, wherever its name appears. */
export const protocolText = (protocol: string) => (UNPROVEN.includes(protocol) ? `${protocol} (not proven)` : protocol)

const HELD: Readonly<Record<DeviceConnections['state'], (device: string) => string>> = {
  current: (device) => `${device} has them.`,
  behind: (device) => `${device} does not have the newest state yet; it gets it when it connects.`,
  none: (device) => `${device} has none.`,
}

/** The samples that a source skips, and the values that wait for a sink. */
const PENDING = { source: 'skipped', sink: 'waiting' } as const

function deviceText(style: Style, kind: ConnectionKind, found: DeviceConnections, nowMs: number): string {
  const { device, connections, running, state, saidAtMs } = found
  const table = tableOf(
    style,
    ['NAME', 'SCOPE', 'PROTOCOL', 'STATE', 'SINCE', 'VALUES/S', PENDING[kind].toUpperCase(), 'LOST', 'WHY'],
    connections.map(({ name, scope, protocol, digest }) => {
      const status = running.find((each) => each.name === name)
      return [name, scope, protocol, ...statusCells(status, { kind, digest, saidAtMs, nowMs })]
    }),
    `no ${kind}s apply to it`,
  )
  const said = agoText(saidAtMs, nowMs)
  return `${table}\n\n${HELD[state](device)}${said === undefined ? '' : ` It reported this ${said}.`}`
}

type Of = { kind: ConnectionKind; digest: string; saidAtMs: number | undefined; nowMs: number }

function statusCells(status: ConnectionStatus | undefined, { kind, digest, saidAtMs, nowMs }: Of) {
  if (!status) return ['unknown', undefined, undefined, undefined, undefined, 'the device has not reported it']
  const { state, sinceMs, figures, cause } = status
  const why = cause?.message ?? (status.digest === digest ? undefined : 'still as it was before')
  const rate = knownRate(status, saidAtMs)
  const values = rate === 'unknown' ? RATE_UNKNOWN : rate
  return [state, agoText(sinceMs, nowMs), values, figures?.[PENDING[kind]], figures?.lost, why]
}
