/** `skerry infer` */
import { stringifyExact } from '@skerry/client/inference'
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { Name } from '@skerry/contract/values/names'
import { shapeText } from '@skerry/core/models/model-diff'
import { asIs, command, fits, list, required, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import type { Session } from '../../program/session.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { parseDuration } from '../../program/values.ts'
import { type Asked, askDevice, askEndpoint } from './infer-asking.ts'
import { parseInferSource } from './infer-input.ts'

/** What fits on a line, and tells whether it looks right. */
const ELEMENTS_SHOWN = 8

export const inferModel = command({
  name: 'infer',
  summary: 'Run a model on a device through the hub, or at an endpoint of the Open Inference Protocol',
  details:
    'An input is NAME=JSON, or a file (or - for stdin) with { "NAME": array, ... } or a complete request of the protocol. A single case ' +
    'becomes a batch of one. With --device, the hub sends the request over the link of the device, wherever the device is. With --url, nothing goes through the ' +
    'hub: the endpoint of a device is on its loopback address, unless its agent is configured otherwise.',
  examples: [
    `skerry infer adder --device gateway-1 --input 'x=[[1, 2, 3]]'`,
    'skerry infer anomaly --device gateway-1 --input window.json --timeout 2m',
    'skerry infer anomaly --url http://127.0.0.1:8500 --input window.json',
  ],
  arguments: { model: required('<model>', 'name of the model', fits(Name)) },
  options: {
    device: value('--device <device>', 'device to run it on, through the hub', fits(DeviceReference)),
    url: value('--url <url>', 'address of an endpoint to use instead', parseUrl),
    version: value('--version <version>', 'version; the served one by default', asIs),
    timeout: value('--timeout <time>', 'how long to wait for the device, at most 2m; 30s by default', parseDuration),
    inputs: list('--input <input>', 'NAME=JSON, FILE or -', parseInferSource),
  },
  async run({ model, url, device, version, timeout, inputs: sources }, session) {
    if (sources.length === 0) throw wrongUsage('an input is missing', 'give it with --input')
    const question = { model, version, sources }
    if (url !== undefined) return printAsked(model, await askEndpoint(url, question, session), session)
    if (device === undefined) throw wrongUsage('the place of the model is missing', 'give --url or --device')
    const timeoutMs = timeout === undefined ? undefined : timeout * 1_000
    return printAsked(model, await askDevice(device, { ...question, timeoutMs }, session), session)
  },
})

function printAsked(model: string, { reply, version, outputs, timing }: Asked, session: Session): void {
  if (session.isJson) {
    session.io.stdout.write(`${stringifyExact(reply, 2)}\n`)
    return
  }
  const rows = outputs.map(({ name, datatype, shape, data }) => [name, datatype, shapeText(shape), elementsText(data)])
  const table = tableOf(session.style, ['OUTPUT', 'TYPE', 'SHAPE', 'VALUES'], rows, 'no outputs')
  const asked = `${model}${version === undefined ? '' : `:${version}`}`
  session.print({ json: reply, text: () => `${asked}\n\n${table}` })
  if (timing !== undefined) session.note(timing)
}

function elementsText(data: readonly unknown[]): string {
  const shown = data.slice(0, ELEMENTS_SHOWN).map(elementText)
  return data.length > shown.length ? `${shown.join(', ')}, ... (${data.length})` : shown.join(', ')
}

const elementText = (element: unknown) =>
  typeof element === 'number' && !Number.isFinite(element) ? String(element) : stringifyExact(element)

function parseUrl(text: string): string {
  const url = URL.parse(text)
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url.href
  throw new Error('must look like http://127.0.0.1:8500')
}
