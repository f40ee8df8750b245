import type { SkerryClient } from '@skerry/client/client'
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { type GivenLabel, KEYS_MAX, type LabelOutcome, LabelValue, RequestKey } from '@skerry/contract/captures/capture'
import { Name } from '@skerry/contract/values/names'
import { asIs, command, fits, required, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { countText } from '../../program/terminal/words.ts'
import { readLabels } from './label-file.ts'

export const labelRows = command({
  name: 'capture label',
  summary: 'Give labels to rows that devices keep, one by one or from a file',
  details:
    'A file is CSV with a header, or JSON lines, with request and label. The hub joins each label with the prediction of the ' +
    'request: on the device with --device, else on all connected devices that keep rows of the model. ' +
    'A file that also has predicted, version and time needs no device.',
  examples: [
    'skerry capture label anomaly --device press-1 --request part-4711 --label good',
    'skerry capture label anomaly --file inspection.csv',
    'skerry capture label anomaly --file inspection.jsonl --device press-1',
  ],
  arguments: { model: required('<model>', 'the name of a model', fits(Name)) },
  options: {
    device: value('--device <device>', 'name or id of the device that keeps the rows', fits(DeviceReference)),
    file: value('--file <file>', 'labels as CSV or JSON lines', asIs),
    request: value('--request <id>', 'the request to label', fits(RequestKey)),
    label: value('--label <label>', 'its class or number', fits(LabelValue)),
  },
  async run({ model: name, device, file, request, label }, session) {
    const labels = await labelsFrom({ file, request, label })
    const { client } = await session.hub()
    const outcome: LabelOutcome = { stored: 0, unmatched: [] }
    for (let at = 0; at < labels.length; at += KEYS_MAX) {
      const part = labels.slice(at, at + KEYS_MAX)
      const { stored, unmatched } = await sendLabels(client, { name, device, labels: part }, session.signal)
      outcome.stored += stored
      outcome.unmatched.push(...unmatched)
    }
    session.print({ json: outcome, text: () => `${countText(outcome.stored, 'label')} stored` })
    const [first] = outcome.unmatched
    if (first === undefined) return
    const more = outcome.unmatched.length > 1 ? ` and ${outcome.unmatched.length - 1} more` : ''
    session.note(`no row of ${first}${more}: no connected device keeps it; try again, or give the prediction too`)
  },
})

type Given = { file: string | undefined; request: string | undefined; label: string | undefined }

async function labelsFrom({ file, request, label }: Given): Promise<GivenLabel[]> {
  if (file !== undefined && request === undefined && label === undefined) return readLabels(file)
  if (file === undefined && request !== undefined && label !== undefined) return [{ request, label }]
  throw wrongUsage('give --file, or both --request and --label')
}

type Sending = { name: Name; device: string | undefined; labels: GivenLabel[] }

function sendLabels(client: SkerryClient, { name, device, labels }: Sending, signal: AbortSignal) {
  if (device === undefined) return client.capture.importLabels({ name, labels }, { signal })
  const onDevice = labels.map(({ request, label }) => ({ request, label }))
  return client.capture.label({ device, name, labels: onDevice }, { signal })
}
