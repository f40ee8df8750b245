import type { SkerryClient } from '@skerry/client/client'
import { allRows } from '@skerry/client/page'
import type { ServingDevice } from '@skerry/contract/models/model'
import { DeviceId } from '@skerry/contract/values/ids'
import type { Name } from '@skerry/contract/values/names'
import { command, required } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { agoText } from '../../program/terminal/words.ts'
import { parseModelReference } from '../../program/values.ts'
import { livenessText } from '../devices/views/device-view.ts'

export const listModelDevices = command({
  name: 'model devices',
  summary: 'List the devices that serve a version now, as they last reported',
  examples: [
    'skerry model devices anomaly',
    'skerry model devices anomaly:2',
    'skerry model devices anomaly@champion --json',
  ],
  arguments: {
    reference: required('<model>', 'NAME, NAME:VERSION or NAME@alias; all versions by default', parseModelReference),
  },
  options: {},
  async run({ reference: { name, version } }, session) {
    const { client } = await session.hub()
    const { signal, style, io } = session
    const versions = version === undefined ? await runningVersions(client, name, signal) : [version]
    const rows: Row[] = []
    for (const one of versions) {
      const devices = await devicesOf(client, { name, version: one }, signal)
      rows.push(...devices.map((device) => (version === undefined ? { ...device, version: one } : device)))
    }
    const hasBuilds = rows.some(({ build }) => build !== undefined)
    session.print({
      json: rows,
      text: () =>
        tableOf(
          style,
          [
            ...HEADS.slice(0, 1),
            ...(version === undefined ? ['VERSION'] : []),
            ...(hasBuilds ? ['BUILD'] : []),
            ...HEADS.slice(1),
          ],
          rows.map((row) => [
            row.name,
            ...(version === undefined ? [row.version] : []),
            ...(hasBuilds ? [row.build ?? 'none'] : []),
            row.site,
            livenessText(row.liveness, style),
            row.state,
            agoText(row.sinceMs, io.nowMs()),
            row.stats?.requests,
            row.stats?.failures,
            latencyText(row.stats?.p50Us),
            latencyText(row.stats?.p99Us),
          ]),
          emptyText(name, version),
        ),
    })
  },
})

const HEADS = ['NAME', 'SITE', 'LIVENESS', 'STATE', 'SINCE', 'REQUESTS', 'FAILED', 'P50', 'P99']

/** `version` is set if the command names none. */
type Row = ServingDevice & { version?: string }

/** The versions that devices serve now, the newest first. A hub up to 0.1.0 reports only the latest version. */
async function runningVersions(client: SkerryClient, name: Name, signal: AbortSignal): Promise<string[]> {
  const { deployable } = await client.model.get({ name }, { signal })
  return deployable.running?.map(({ version }) => String(version)) ?? ['latest']
}

/** Sorted by name. */
async function devicesOf(client: SkerryClient, of: { name: Name; version: string }, signal: AbortSignal) {
  const devices = await allRows(({ limit, after }) =>
    client.model.servingDevices(
      { ...of, limit, ...(after !== undefined && { after: DeviceId.parse(after) }) },
      { signal },
    ),
  )
  return devices.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function emptyText(name: Name, version: string | undefined): string {
  if (version === undefined) return `no device serves a version of ${name}; "skerry deploy" brings one to some`
  const what = version === 'latest' ? `the latest version of ${name}` : `the version ${version} of ${name}`
  return `no device serves ${what}; "skerry deploy" brings it to some, and "skerry model devices ${name}" lists the devices of all versions`
}

const latencyText = (us: number | undefined) => (us === undefined ? undefined : `${(us / 1_000).toFixed(1)} ms`)
