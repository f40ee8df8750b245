/** Infer asking: the two ways to a model: straight to an endpoint of the Open Inference Protocol, or to a device through the hub. */
import { infer, type ModelAddress, modelMetadata } from '@skerry/client/inference'
import { elementsOfTensor } from '@skerry/client/named-tensor'
import type { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import type { NamedTensor } from '@skerry/contract/models/infer'
import type { VersionReference } from '@skerry/contract/models/model'
import type { InferTensor } from '@skerry/contract/models/open-inference'
import type { Name } from '@skerry/contract/values/names'
import { bytesOfElements } from '@skerry/core/tensors/tensor-elements'
import type * as z from 'zod'
import { requestInputs } from '../../kinds/kinds.ts'
import { fail, wrongUsage } from '../../program/failure.ts'
import type { Session } from '../../program/session.ts'
import { type InferSource, readInputs } from './infer-input.ts'

/** What is printed for programs, and what of it people want to see. */
export type Asked = { reply: unknown; version: string | undefined; outputs: readonly ShownTensor[]; timing?: string }

export type ShownTensor = Omit<InferTensor, 'data'> & { data: readonly unknown[] }

type Question = { model: Name; version: string | undefined; sources: readonly InferSource[] }

/** Asks an endpoint. */
export async function askEndpoint(url: string, question: Question, session: Session): Promise<Asked> {
  const { model, version, sources } = question
  const address: ModelAddress = { url, model, ...(version !== undefined && { version }) }
  const metadata = await modelMetadata(address, session.signal)
  const reply = await infer(address, await readInputs(sources, metadata.inputs, session.io), session.signal)
  return { reply, version: reply.model_version, outputs: reply.outputs }
}

/** Asks a device, with the signature of the version that it serves. */
export async function askDevice(
  device: z.infer<typeof DeviceReference>,
  { model, version, sources, timeoutMs }: Question & { timeoutMs: number | undefined },
  session: Session,
): Promise<Asked> {
  const { client } = await session.hub()
  const { signal } = session
  const wanted = version === undefined ? undefined : numberOf(version)
  const reference = wanted === undefined ? await servedVersion(device, model, session) : String(wanted)
  const detail = await client.model.getVersion({ model, version: reference }, { signal })
  const inputs = (await readInputs(sources, requestInputs(detail), session.io)).map(rawTensor)
  const answer = await client.device.infer(
    {
      device,
      model,
      inputs,
      outputsAs: 'raw',
      ...(wanted !== undefined && { version: wanted }),
      ...(timeoutMs !== undefined && { timeoutMs }),
    },
    { signal },
  )
  const outputs = answer.outputs.map((output) => ({ ...output, data: elementsOfTensor(output) ?? [] }))
  const timing = `${answer.device} took ${milliseconds(answer.runnerUs)}, in total ${milliseconds(answer.totalUs)}`
  return { reply: { ...answer, outputs: outputs.map(printable) }, version: String(answer.version), outputs, timing }
}

/** Where it serves none, the newest will do to read the inputs by: it is the device that says so. */
async function servedVersion(
  device: z.infer<typeof DeviceReference>,
  model: Name,
  session: Session,
): Promise<VersionReference> {
  const { client } = await session.hub()
  const { items } = await client.device.get({ device }, { signal: session.signal })
  const served = items.find((item) => item.name === model)?.serving?.version
  return served === undefined ? 'latest' : String(served)
}

function numberOf(version: string): number {
  if (/^[1-9][0-9]{0,8}$/.test(version)) return Number(version)
  throw wrongUsage(`--version ${version} is not a number`, 'give the number of the version')
}

/** As bytes, which are exact for every type. */
function rawTensor({ name, datatype, shape, data }: InferTensor): NamedTensor {
  const bytes = bytesOfElements(datatype, data.flat(Number.POSITIVE_INFINITY))
  if (bytes) return { name, datatype, shape, data: Buffer.from(bytes).toString('base64') }
  throw fail('file_invalid', `${name} has an element that is not ${datatype} in JSON`)
}

/** JSON has no NaN and no infinity: they are written as words. */
const printable = (output: ShownTensor) => ({
  ...output,
  data: output.data.map((element) =>
    typeof element === 'number' && !Number.isFinite(element) ? String(element) : element,
  ),
})

const milliseconds = (us: number) => `${(us / 1_000).toFixed(us < 10_000 ? 2 : 0)} ms`
