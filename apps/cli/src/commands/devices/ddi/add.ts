import { ControllerId } from '@skerry/contract/ddi/ddi-device'
import { Name } from '@skerry/contract/values/names'
import { command, fits, flag, list, needed, required, value } from '../../../program/command.ts'
import { parseLabel } from '../../../program/values.ts'
import { setupText } from './ddi-view.ts'

export const addDdiDevice = command({
  name: 'device ddi add',
  summary: 'Add a device without an agent, whose own updater polls the hub; its token is shown only once',
  details:
    'The updater must speak hawkBit\'s DDI, as SWUpdate does. The hub needs "--ddi-listen". ' +
    'Only the target token goes to stdout, so scripts can use $(skerry device ddi add ...).',
  examples: [
    'skerry device ddi add gateway-7 --site rotterdam --label line=4',
    'skerry device ddi add gateway-8 --site rotterdam --controller 00:1b:1e:4f:aa:08 --confirm',
  ],
  arguments: { name: required('<name>', 'the name of the device in the fleet', fits(Name)) },
  options: {
    site: needed('--site <name>', 'site of the device', fits(Name)),
    labels: list('--label <key=value>', 'label of the device', parseLabel),
    controllerId: value('--controller <id>', 'its id in the protocol (default: its name)', fits(ControllerId)),
    mustConfirm: flag('--confirm', 'its owner must accept each image first; SWUpdate 2024.12 cannot ask'),
  },
  async run({ labels, controllerId, ...spec }, session) {
    const { client } = await session.hub()
    const reply = await client.ddi.add(
      { ...spec, labels: Object.fromEntries(labels), ...(controllerId !== undefined && { controllerId }) },
      { signal: session.signal },
    )
    session.note(setupText(reply.device, session.style))
    session.print({ json: reply, text: () => reply.token })
  },
})
