import { allRows } from '@skerry/client/page'
import type { Device } from '@skerry/contract/devices/device'
import { SelectorText } from '@skerry/contract/values/names'
import { modelsText } from '@skerry/core/devices/model-words'
import { spokenLiveness } from '@skerry/core/devices/tense'
import { withoutGroups } from '@skerry/core/groups/group-text'
import {
  DEVICE_FIELDS,
  DEVICE_FILTER_EXAMPLE,
  looksForFailures,
  REMEMBERED_FAILURE,
} from '@skerry/core/language/device-fields'
import { compileDeviceFilter } from '@skerry/core/language/device-filter'
import { command, fits, value } from '../../program/command.ts'
import type { Style } from '../../program/terminal/style.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { agoText, labelsText, sizeText } from '../../program/terminal/words.ts'
import { healthText, statusText } from './views/device-view.ts'

/** The hub evaluates the filter. It is compiled here too, so that its problem is shown without a hub. */
const FILTER = value(
  '--filter <text>',
  `only matching devices: words such as ${DEVICE_FILTER_EXAMPLE} (fields: ${Object.keys(DEVICE_FIELDS).join(', ')}), or a selector`,
  (text) => {
    const filter = compileDeviceFilter(withoutGroups(text))
    if (!filter.ok) throw new Error(filter.message)
    return text.trim() || undefined
  },
)

export const listDevices = command({
  name: 'device ls',
  summary: 'List devices',
  examples: [
    'skerry device ls',
    `skerry device ls --filter '${DEVICE_FILTER_EXAMPLE}'`,
    `skerry device ls --filter 'anomaly:2 line=4'`,
    'skerry device ls --filter health:stopped',
    `skerry device ls --filter ${REMEMBERED_FAILURE}`,
    `skerry device ls --selector 'site.country == "NL" && device.labels.line == "4"'`,
  ],
  arguments: {},
  options: {
    filter: FILTER,
    selector: value('--selector <cel>', 'only devices that the expression picks', fits(SelectorText)),
  },
  async run({ filter, selector }, session) {
    const { client } = await session.hub()
    const { style, signal, io } = session
    const devices = await allRows((page) => client.device.list({ ...page, selector, filter }, { signal }))
    const isNarrowed = filter !== undefined || selector !== undefined
    session.print({
      json: devices,
      text: () =>
        tableOf(
          style,
          [
            'NAME',
            'SITE',
            'HEALTH',
            'MODELS',
            'STATUS',
            'CONNECTED',
            'LAST SEEN',
            'GENERATION',
            'AGENT',
            'REST',
            'LABELS',
            { wide: 'ID' },
            { wide: 'SYSTEM' },
            { wide: 'CPUS' },
            { wide: 'MEMORY' },
          ],
          devices.map((device) => deviceRow(device, style, io.nowMs())),
          emptyText(isNarrowed, filter),
        ),
    })
  },
})

function emptyText(isNarrowed: boolean, filter: string | undefined): string {
  if (!isNarrowed) return 'no devices; create a join token with "skerry device token create"'
  if (filter === undefined || !looksForFailures(filter)) return 'no device fits; "skerry device ls" lists all'
  const remembered = `skerry device ls --filter ${REMEMBERED_FAILURE}`
  return `no device fits. A device that rolled back is not failed any more: "${remembered}" lists those`
}

const deviceRow = (device: Device, style: Style, nowMs: number) => [
  device.name,
  device.site,
  healthText(device, style),
  device.models && modelsText(device.models, device.modelCount ?? device.models.length, spokenLiveness(device)),
  statusText(device.status, style),
  device.link.connected ? style.green('yes') : style.yellow('no'),
  agoText(device.lastSeenAtMs, nowMs),
  `${device.observedGeneration}/${device.generation}`,
  device.agentVersion,
  device.endpoints.rest,
  labelsText(device.labels),
  device.id,
  device.machine && `${device.machine.os}, ${device.machine.arch}`,
  device.machine?.cpuCount,
  device.machine && sizeText(device.machine.memoryBytes),
]
