/** `skerry device label` */
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { command, fits, required, several } from '../../program/command.ts'
import { labelsText } from '../../program/terminal/words.ts'
import { parseLabelChange } from '../../program/values.ts'

export const labelDevice = command({
  name: 'device label',
  summary: 'Set labels of a device, or remove them',
  examples: ['skerry device label gateway-1 line=4 shift-'],
  arguments: {
    device: required('<device>', 'name or id of the device', fits(DeviceReference)),
    changes: several('<change...>', 'key=value sets a label, key- removes it', parseLabelChange),
  },
  options: {},
  async run({ device, changes }, session) {
    const { client } = await session.hub()
    const { signal } = session
    const { labels, revision } = await client.device.get({ device }, { signal })
    const merged = { ...labels, ...Object.fromEntries(changes) }
    const kept = Object.entries(merged).flatMap(([key, text]) => (text === undefined ? [] : [[key, text] as const]))
    const input = { device, labels: Object.fromEntries(kept), ifRevision: revision }
    const relabelled = await client.device.relabel(input, { signal })
    session.print({
      json: relabelled,
      text: () => `${relabelled.name}: ${labelsText(relabelled.labels) || 'no labels'}`,
    })
  },
})
