/** `skerry device ls` */
import { allRows } from '@skerry/client/page'
import { SelectorText } from '@skerry/contract/values/names'
import { command, fits, value } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { agoText, labelsText } from '../../program/terminal/words.ts'
import { livenessText, statusText } from './views/device-view.ts'

export const listDevices = command({
  name: 'device ls',
  summary: 'List devices',
  examples: ['skerry device ls', `skerry device ls --selector 'site.country == "NL" && device.labels.line == "4"'`],
  arguments: {},
  options: { selector: value('--selector <cel>', 'only devices that the expression picks', fits(SelectorText)) },
  async run({ selector }, session) {
    const { client } = await session.hub()
    const { style, signal, io } = session
    const devices = await allRows((page) => client.device.list({ ...page, selector }, { signal }))
    session.print({
      json: devices,
      text: () =>
        tableOf(
          style,
          ['NAME', 'SITE', 'STATUS', 'CONNECTED', 'LIVENESS', 'LAST SEEN', 'GENERATION', 'AGENT', 'REST', 'LABELS'],
          devices.map((device) => [
            device.name,
            device.site,
            statusText(device.status, style),
            device.link.connected ? style.green('yes') : style.yellow('no'),
            livenessText(device.liveness, style),
            agoText(device.lastSeenAtMs, io.nowMs()),
            `${device.observedGeneration}/${device.generation}`,
            device.agentVersion,
            device.endpoints.rest,
            labelsText(device.labels),
          ]),
          'no devices; create a join token with "skerry device token create"',
        ),
    })
  },
})
