/**
 * Golden prompt: a prompt and the beginning of its answer. A device answers greedily, so that the same weights give the
 * same text. In the file, prompts are golden cases with texts as tensors, so every part of the product can carry them.
 */
import type { Golden } from '@skerry/contract/devices/golden'
import { GOLDEN_ANSWER_TOKENS_MAX } from '@skerry/contract/language-models/prompts-file'
import type { Tensor } from '@skerry/contract/models/tensor'
import { decodeUtf8, encodeUtf8 } from '../values/utf8.ts'
import { decodeBase64, encodeBase64 } from './base64-bytes.ts'

export type GoldenPrompt = {
  prompt: string
  /** The greedy answer must begin with it. */
  answer: string
  /** The device stops after this number of tokens. */
  answerTokens: number
}

const GOLDEN_ANSWER_TOKENS = 48

/** Texts can be compared exactly only. */
const EXACT: Golden['tolerance'] = { absolute: 0, relative: 0 }

export type PromptsRead = { ok: true; prompts: GoldenPrompt[] } | { ok: false; message: string }

/** The prompts of a golden file. */
export function promptsOf({ cases }: { cases: readonly PushedPrompt[] }): PromptsRead {
  const prompts: GoldenPrompt[] = []
  for (const [index, { inputs, outputs }] of cases.entries()) {
    const prompt = textIn(inputs.prompt)
    const answer = textIn(outputs?.text)
    const answerTokens = inputs.max_tokens === undefined ? GOLDEN_ANSWER_TOKENS : numberIn(inputs.max_tokens)
    const place = `golden prompt ${index + 1} of ${cases.length}`
    if (prompt === undefined) return { ok: false, message: `${place} has no text "prompt"` }
    if (!answer) {
      return { ok: false, message: `${place} has no expected answer; get one with "skerry ask" at temperature 0` }
    }
    if (answerTokens === undefined || answerTokens < 1 || answerTokens > GOLDEN_ANSWER_TOKENS_MAX) {
      return { ok: false, message: `${place} needs max_tokens between 1 and ${GOLDEN_ANSWER_TOKENS_MAX}` }
    }
    prompts.push({ prompt, answer, answerTokens })
  }
  return { ok: true, prompts }
}

type PushedPrompt = { inputs: Record<string, Tensor>; outputs?: Record<string, Tensor> | undefined }

/** The golden file of these prompts. */
export const goldenOfPrompts = (prompts: readonly GoldenPrompt[]): Golden => ({
  tolerance: EXACT,
  cases: prompts.map(({ prompt, answer, answerTokens }) => ({
    inputs: { prompt: textTensor(prompt), max_tokens: { datatype: 'INT32', shape: [1], data: int32(answerTokens) } },
    outputs: { text: textTensor(answer) },
  })),
})

/** Why an answer is wrong, as words for people; undefined if it begins as expected. */
export function answerProblem({ answer }: Pick<GoldenPrompt, 'answer'>, given: string): string | undefined {
  if (given.startsWith(answer)) return undefined
  const length = Math.min(answer.length, given.length)
  let same = 0
  while (same < length && answer[same] === given[same]) same += 1
  const part = (text: string) => JSON.stringify(text.slice(same, same + 40))
  return `the answer differs from its character ${same + 1}: expected ${part(answer)}, got ${part(given)}`
}

/** [Open Inference Protocol, binary tensor data] A text is its length in four bytes, and its UTF-8 bytes. */
export function textTensor(text: string): Tensor {
  const bytes = encodeUtf8(text.toWellFormed()) ?? new Uint8Array()
  const data = new Uint8Array(4 + bytes.length)
  new DataView(data.buffer).setUint32(0, bytes.length, true)
  data.set(bytes, 4)
  return { datatype: 'BYTES', shape: [1], data: encodeBase64(data) }
}

function int32(value: number): string {
  const data = new Uint8Array(4)
  new DataView(data.buffer).setInt32(0, value, true)
  return encodeBase64(data)
}

function bytesIn(tensor: Tensor | undefined, datatype: Tensor['datatype']): Uint8Array | undefined {
  if (tensor?.datatype !== datatype || tensor.shape.some((size) => size !== 1)) return undefined
  return decodeBase64(tensor.data)
}

function textIn(tensor: Tensor | undefined): string | undefined {
  const bytes = bytesIn(tensor, 'BYTES')
  if (!bytes || bytes.length < 4) return undefined
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
  return length === bytes.length - 4 ? decodeUtf8(bytes.subarray(4)) : undefined
}

function numberIn(tensor: Tensor): number | undefined {
  const bytes = bytesIn(tensor, 'INT32')
  return bytes?.length === 4 ? new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true) : undefined
}
