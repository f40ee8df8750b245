/** Remote session: a session whose runs are requests to the server of a remote model. */
import { Agent } from 'node:http'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { nowUs } from '../host/run-clock.ts'
import type { Session } from '../seat/session.ts'
import { callRemote, type RemoteReply } from './remote-call.ts'
import { awayMessage, type RemoteModel } from './remote-model.ts'
import { readReply, requestBody } from './remote-tensors.ts'

/** Checks that the server has the model, with the tensors of the version. Throws with words for a person. */
export async function openRemoteSession(remote: RemoteModel): Promise<Session> {
  const { model, signature } = remote
  // A run waits for the one before it. So one connection is enough.
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const path = `/v2/models/${model}`
  try {
    await checkReady(remote, agent)
    const reply = await callRemote(remote, agent, { method: 'GET', path })
    if (reply.status !== 200) throw new Error(refusalText(`the server has no model ${model}`, reply))
    const problem = metadataProblem(signature, parseJson(reply))
    if (problem !== undefined)
      throw new Error(`${problem}; correct the tensors of the version, or deploy the right app`)
  } catch (cause) {
    agent.destroy()
    throw cause
  }
  return { signature, run: runner(remote, agent), close: async () => agent.destroy() }
}

/** A server that is still loading its models has not failed. */
async function checkReady(remote: RemoteModel, agent: Agent): Promise<void> {
  const { status } = await callRemote(remote, agent, { method: 'GET', path: '/v2/health/ready' })
  if (status !== 200) throw new Error(awayMessage(`it is not ready (${status})`))
}

const runner =
  (remote: RemoteModel, agent: Agent): Session['run'] =>
  async (inputs, names) => {
    const startUs = nowUs()
    const body = requestBody({ inputs, outputs: names, isBinary: remote.isBinary })
    const path = `/v2/models/${remote.model}/infer`
    const sentUs = nowUs()
    const reply = await callRemote(remote, agent, { method: 'POST', path, body })
    const doneUs = nowUs()
    if (reply.status !== 200) throw new Error(refusalText('the server refused the request', reply))
    const specs = names.flatMap((name) => remote.signature.outputs.find((spec) => spec.name === name) ?? [])
    const outputs = readReply(reply, specs)
    return {
      outputs,
      times: { startUs, inputUs: sentUs - startUs, inferUs: doneUs - sentUs, outputUs: nowUs() - doneUs },
    }
  }

/** Enough for the reason of a server, short enough for a report. */
const REASON_CHARACTERS_MAX = 300

function refusalText(what: string, reply: RemoteReply): string {
  const { error } = parseJson(reply)
  const reason = typeof error === 'string' ? error : reply.bytes.toString('utf8')
  return `${what} (${reply.status})${reason === '' ? '' : `: ${reason.slice(0, REASON_CHARACTERS_MAX)}`}`
}

type Fields = Record<string, unknown>

function parseJson({ bytes }: RemoteReply): Fields {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Fields) : {}
  } catch {
    return {}
  }
}

/** [Open Inference Protocol V2, model metadata] Servers that do not state their tensors pass. */
function metadataProblem(signature: Session['signature'], metadata: Fields): string | undefined {
  return (
    tensorsProblem('input', signature.inputs, metadata.inputs) ??
    tensorsProblem('output', signature.outputs, metadata.outputs)
  )
}

function tensorsProblem(what: string, specs: readonly TensorSpec[], stated: unknown): string | undefined {
  if (!Array.isArray(stated) || stated.length === 0) return undefined
  const known = stated.filter((one): one is Fields => typeof one === 'object' && one !== null)
  for (const { name, datatype } of specs) {
    const found = known.find((one) => one.name === name)
    if (!found)
      return `the model in the server has no ${what} ${name}; it has ${known.map((one) => one.name).join(', ')}`
    if (found.datatype !== datatype)
      return `the ${what} ${name} of the model in the server is ${String(found.datatype)}, and the version declares ${datatype}`
  }
  return undefined
}
