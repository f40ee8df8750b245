/** `skerry infer` */

import { infer, type ModelAddress, modelMetadata, stringifyExact } from '@skerry/client/inference'
import { DeviceReference } from '@skerry/contract/api/device-procedures'
import { Name } from '@skerry/contract/names'
import type { InferReply, InferTensor } from '@skerry/contract/open-inference'
import { asIs, command, fits, list, required, value } from '../command.ts'
import { fail, wrongUsage } from '../failure.ts'
import { parseInferSource, readInputs } from '../infer-input.ts'
import { shapeText } from '../model-view.ts'
import type { Session } from '../session.ts'
import { tableOf } from '../table.ts'

/** What fits on a line, and tells whether it looks right. */
const ELEMENTS_SHOWN = 8

export const inferModel = command({
  name: 'infer',
  summary: 'Ask a model on a device, over the Open Inference Protocol',
  details:
    'An input is NAME=JSON, or a file (or - for stdin) with { "NAME": array, ... } or a whole request of the protocol. A single case is ' +
    'made a batch of one. The endpoint of a device is on its loopback address unless its agent was told otherwise.',
  examples: [
    'skerry infer anomaly --url http://127.0.0.1:8500 --input window.json',
    `skerry infer adder --device gateway-1 --input 'x=[[1, 2, 3]]'`,
  ],
  arguments: { model: required('<model>', 'name of the model', fits(Name)) },
  options: {
    url: value('--url <url>', 'address of the endpoint', parseUrl),
    device: value('--device <device>', 'device whose endpoint to ask, as it reports it', fits(DeviceReference)),
    version: value('--version <version>', 'version; the served one by default', asIs),
    inputs: list('--input <input>', 'NAME=JSON, FILE or -', parseInferSource),
  },
  async run({ model, url, device, version, inputs: sources }, session) {
    if (sources.length === 0) throw wrongUsage('an input is missing', 'give it with --input')
    const endpoint = url ?? (await endpointOf(device, session))
    const address: ModelAddress = { url: endpoint, model, ...(version !== undefined && { version }) }
    const metadata = await modelMetadata(address, session.signal)
    const inputs = await readInputs(sources, metadata.inputs, session.io)
    const reply = await infer(address, inputs, session.signal)
    printReply(reply, session)
  },
})

async function endpointOf(device: string | undefined, session: Session): Promise<string> {
  if (device === undefined) throw wrongUsage('where to ask is missing', 'give --url or --device')
  const { client } = await session.hub()
  const { endpoints, name } = await client.device.get(
    { device: DeviceReference.parse(device) },
    { signal: session.signal },
  )
  if (endpoints.rest !== undefined) return endpoints.rest
  throw fail('endpoint_missing', `${name} reports no endpoint for REST`)
}

function printReply(reply: InferReply, session: Session): void {
  if (session.isJson) {
    session.io.stdout.write(`${stringifyExact(reply, 2)}\n`)
    return
  }
  const rows = reply.outputs.map(({ name, datatype, shape, data }) => [
    name,
    datatype,
    shapeText(shape),
    elementsText(data),
  ])
  const version = reply.model_version === undefined ? '' : `:${reply.model_version}`
  const table = tableOf(session.style, ['OUTPUT', 'TYPE', 'SHAPE', 'VALUES'], rows, 'no outputs')
  session.print({ json: reply, text: () => `${reply.model_name}${version}\n\n${table}` })
}

function elementsText(data: InferTensor['data']): string {
  const shown = data.slice(0, ELEMENTS_SHOWN).map((element) => stringifyExact(element))
  return data.length > shown.length ? `${shown.join(', ')}, ... (${data.length})` : shown.join(', ')
}

function parseUrl(text: string): string {
  const url = URL.parse(text)
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url.href
  throw new Error('must look like http://127.0.0.1:8500')
}
