/** OIP app: an app whose container answers for the model `times` over the Open Inference Protocol. */
import { goldenOfPrompts } from '@skerry/core/language-models/golden-prompt'
import { appFiles } from '@skerry/testkit/containers/app-files'
import { CHAT_PORT, chatServerImage } from '@skerry/testkit/containers/chat-server'
import { REPOSITORY_PATH, REPOSITORY_PORT, repositoryServerImage } from '@skerry/testkit/containers/repository-server'
import { TIMES_PORT, timesServerImage } from '@skerry/testkit/containers/times-server'

/** A release whose server multiplies by the factor, behind this port of the device. */
export async function timesApp(factor: number, port: number) {
  return appFiles({
    server: {
      image: await timesServerImage(factor),
      stopSignal: 'SIGKILL',
      ports: [{ host: port, container: TIMES_PORT, protocol: 'tcp', address: '127.0.0.1' }],
      serves: [{ model: 'times', port: TIMES_PORT, protocol: 'oip' }],
    },
  })
}

/** A release whose server begins each answer with the word, behind this port of the device. */
export async function chatApp(word: string, port: number) {
  return appFiles({
    server: {
      image: await chatServerImage(word),
      stopSignal: 'SIGKILL',
      ports: [{ host: port, container: CHAT_PORT, protocol: 'tcp', address: '127.0.0.1' }],
      serves: [{ model: 'small', port: CHAT_PORT, protocol: 'openai' }],
    },
  })
}

/** A version of the language model of the app. The golden answer begins with the word. */
export const chatVersion = (app: string, word: string) => ({
  'chat.json': JSON.stringify({ v: 1, app, model: 'small' }),
  'golden.json': JSON.stringify(goldenOfPrompts([{ prompt: 'State?', answer: `${word} State?`, answerTokens: 8 }])),
})

/** The status and the text of an answer of the endpoint of the agent. */
export async function askChat(rest: string, model: string, text: string): Promise<{ status: number; text?: string }> {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: text }] })
  const response = await fetch(`${rest}/v1/chat/completions`, { method: 'POST', body })
  const reply = (await response.json()) as { choices?: { message: { content: string } }[] }
  const answer = reply.choices?.[0]?.message.content
  return { status: response.status, ...(answer !== undefined && { text: answer }) }
}

const INT32 = (value: number) => ({
  datatype: 'INT32' as const,
  shape: [1],
  data: Buffer.from(Int32Array.of(value).buffer).toString('base64'),
})

const TENSOR = (name: string) => ({ name, datatype: 'INT32', shape: [-1] })

const goldenTimes = (factor: number) =>
  JSON.stringify({
    tolerance: { absolute: 0, relative: 0 },
    cases: [{ inputs: { x: INT32(3) }, outputs: { y: INT32(3 * factor) } }],
  })

/** A version of the model that the app must multiply by `factor`. */
export const servedTimes = (app: string, factor: number) => ({
  'served.json': JSON.stringify({
    v: 1,
    app,
    model: 'times',
    inputs: [TENSOR('x')],
    outputs: [TENSOR('y')],
  }),
  'golden.json': goldenTimes(factor),
})

/** The status of a request for the model on the endpoint of the agent, and its answer. */
export async function askTimes(rest: string, x: number): Promise<{ status: number; y?: number }> {
  const inputs = [{ name: 'x', datatype: 'INT32', shape: [1], data: [x] }]
  const response = await fetch(`${rest}/v2/models/times/infer`, { method: 'POST', body: JSON.stringify({ inputs }) })
  const reply = (await response.json()) as { outputs?: { data: number[] }[] }
  const y = reply.outputs?.[0]?.data[0]
  return { status: response.status, ...(y !== undefined && { y }) }
}

/** A release whose server loads the models that versions bring, behind this port of the device. */
export async function repositoryApp(load: 'request' | 'restart', port: number) {
  return appFiles({
    server: {
      image: await repositoryServerImage(load),
      stopSignal: 'SIGKILL',
      tmpfs: ['/tmp'],
      ports: [{ host: port, container: REPOSITORY_PORT, protocol: 'tcp', address: '127.0.0.1' }],
      repository: { path: REPOSITORY_PATH, port: REPOSITORY_PORT, load },
    },
  })
}

/** A version with a file that its server multiplies by. The golden case was recorded with `expected`. */
export const hostedTimes = (runtime: { app: string; version?: number }, factor: string, expected: number) => ({
  'hosted.json': JSON.stringify({ v: 1, runtime, inputs: [TENSOR('x')], outputs: [TENSOR('y')] }),
  'files/1/factor.txt': factor,
  'golden.json': goldenTimes(expected),
})
