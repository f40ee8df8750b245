/** Stage of language models: a hub, devices, and models with random weights. */
import { Buffer } from 'node:buffer'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GGUF_PATH } from '@skerry/contract/kinds/gguf'
import { LANGUAGE_SETTINGS_PATH } from '@skerry/contract/language-models/language-model'
import { goldenOfPrompts } from '@skerry/core/language-models/golden-prompt'
import { until } from '@skerry/testkit/until'
import { openLanguage } from '../../apps/agent/src/language-models/language-process.ts'
import type { HubProgram } from '../../examples/stage/fleet.ts'
import { pushFiles } from '../../examples/stage/push.ts'

export const NAME = 'assistant'
export const PROMPT = 'Pump 17 fault'
export const SCHEMA = {
  type: 'object',
  properties: {
    severity: { enum: ['low', 'high'] },
    pump: { type: 'integer' },
    note: { type: 'string', maxLength: 12 },
  },
} as const

/** The greedy answer of the weights, and of an adapter if one is given, by the runtime alone. */
export async function greedyAnswer(
  folder: string,
  bytes: Uint8Array,
  prompt: string,
  adapter?: Uint8Array,
): Promise<string> {
  const modelPath = join(folder, 'reference.gguf')
  await writeFile(modelPath, bytes)
  const path = join(folder, 'reference-adapter.gguf')
  if (adapter) await writeFile(path, adapter)
  const { signal } = new AbortController()
  const task = { modelPath, contextTokens: 256, threads: 1, answersMax: 1, template: 'file' } as const
  const opened = await openLanguage({ ...task, ...(adapter && { lora: { path, scale: 1 } }) }, signal)
  if (!opened.ok) throw new Error(opened.message)
  const wish = { maxTokens: 32, temperature: 0, topP: 1, seed: undefined, stop: [], schema: undefined, isFresh: true }
  const answer = await opened.process.generate(
    { ...wish, messages: [{ role: 'user', text: prompt }] },
    () => {},
    signal,
  )
  await opened.process.stop()
  if (!answer.ok) throw new Error(answer.message)
  return answer.text
}

/** The golden cases with one prompt. */
export const goldenPrompt = (answer: string) => goldenOfPrompts([{ prompt: PROMPT, answer, answerTokens: 32 }])

type Language = { bytes: Uint8Array<ArrayBuffer>; answer: string; contextTokens?: number }

/** Pushes the model with one golden prompt. */
export function pushLanguage(hub: HubProgram, { bytes, answer, contextTokens = 256 }: Language) {
  const settings = new Uint8Array(Buffer.from(JSON.stringify({ contextTokens, answerTokens: 64 })))
  return pushFiles(hub, {
    name: NAME,
    contents: { [GGUF_PATH]: bytes, [LANGUAGE_SETTINGS_PATH]: settings },
    golden: goldenPrompt(answer),
  })
}

/** Rolls the version out, and waits until it serves. */
export async function deployLanguage({ client }: HubProgram, version: string): Promise<void> {
  await client.deployment.apply({ name: NAME, deployable: NAME, version, probation: { seconds: 0 } })
  await until(async () => (await client.deployment.get({ deployment: NAME })).rolloutStatus === 'done')
}

/** Sends a chat request to the device. */
export const chat = (url: string, body: object, signal?: AbortSignal) =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: NAME, messages: [{ role: 'user', content: PROMPT }], ...body }),
    ...(signal && { signal }),
  })

export type ChatAnswer = {
  choices: { message: { content: string }; finish_reason: string }[]
  usage: { prompt_tokens: number; completion_tokens: number }
}

/** The answer of a device to a request without a stream. */
export async function chatAnswer(url: string, body: object): Promise<ChatAnswer> {
  const response = await chat(url, body)
  if (response.status !== 200) throw new Error(await response.text())
  return response.json() as Promise<ChatAnswer>
}

export const textOf = ({ choices }: ChatAnswer): string => choices[0]?.message.content ?? ''

/** The events of a stream. */
export async function* eventsOf(response: Response): AsyncGenerator<string> {
  let rest = ''
  const decoder = new TextDecoder()
  for await (const bytes of response.body ?? []) {
    const parts = `${rest}${decoder.decode(bytes, { stream: true })}`.split('\n\n')
    rest = parts.pop() ?? ''
    yield* parts.map((part) => part.slice('data: '.length))
  }
}
