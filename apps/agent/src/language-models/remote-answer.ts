/**
 * Remote answer: the answers of a server of language models, read from its stream of events. The server is the program of
 * somebody else, so nothing that it sends is believed.
 */
import type { Readable } from 'node:stream'
import { parseJson } from '@skerry/core/values/parse-json'
import * as z from 'zod'
import type { Finish } from './language-message.ts'

export type RemoteAnswer = {
  text: string
  finish: Finish
  promptTokens: number
  answerTokens: number
  firstTextAtMs?: number
  /** Why it is no answer. */
  problem?: string
}

export type AnswerReader = {
  /** Reads to the end of the stream. */
  read(stream: Readable): Promise<void>
  answer(): RemoteAnswer
}

const Choice = z.object({
  delta: z.object({ content: z.string().nullish() }).nullish(),
  finish_reason: z.string().nullish(),
})
const Usage = z.object({ prompt_tokens: z.int().min(0), completion_tokens: z.int().min(0) })
const Failure = z.object({ error: z.union([z.string(), z.object({ message: z.string() })]) })
const Chunk = z.object({ choices: z.array(Choice).optional(), usage: Usage.nullish(), error: z.unknown().optional() })

const Embeddings = z.object({
  data: z.array(z.object({ index: z.int().min(0), embedding: z.array(z.number()) })),
  usage: z.object({ prompt_tokens: z.int().min(0) }).nullish(),
})

/** 8,192 tokens have about this many characters. A longer answer ignores its limit of tokens. */
const TEXT_CHARACTERS_MAX = 200_000

/** [WHATWG HTML, server-sent events] Comments and other fields are skipped. */
const DATA = /^data: ?(.*)$/

type Reading = RemoteAnswer & { isWhole: boolean; parts: number }

/** `onText` gets each part of the text. */
export function createAnswerReader(onText: (text: string) => void): AnswerReader {
  const it: Reading = { text: '', finish: 'stop', promptTokens: 0, answerTokens: 0, isWhole: false, parts: 0 }
  return {
    async read(stream) {
      for await (const line of linesOf(stream)) {
        const data = DATA.exec(line)?.[1]
        if (data !== undefined && data !== '') takeEvent(it, data, onText)
      }
    },
    answer: () => {
      const { isWhole, parts, ...answer } = it
      return {
        ...answer,
        // Most servers send one token in each part.
        answerTokens: answer.answerTokens || parts,
        ...(!isWhole && { problem: 'the stream ended before its answer did' }),
      }
    },
  }
}

/** An event of one token has some hundred characters. */
const LINE_CHARACTERS_MAX = 1_000_000

/** The lines of the stream. Unlike those of node:readline, they end with its error. */
async function* linesOf(stream: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const piece of stream as AsyncIterable<Buffer>) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LINE_CHARACTERS_MAX) throw new RangeError('an event of the server is too long')
    yield* lines.map((line) => line.replace(/\r$/, ''))
  }
  yield rest
}

function takeEvent(it: Reading, data: string, onText: (text: string) => void): void {
  if (data === '[DONE]') {
    it.isWhole = true
    return
  }
  const chunk = Chunk.safeParse(parseJson(data))
  if (!chunk.success) throw new Error('the server of the app sent an event that is no part of an answer')
  const { choices: [choice] = [], usage, error } = chunk.data
  if (error !== undefined) throw new Error(`the server of the app answered: ${serverMessage(data) ?? 'an error'}`)
  takeText(it, choice?.delta?.content ?? '', onText)
  if (choice?.finish_reason) {
    it.isWhole = true
    it.finish = choice.finish_reason === 'length' ? 'length' : 'stop'
  }
  if (!usage) return
  it.promptTokens = usage.prompt_tokens
  it.answerTokens = usage.completion_tokens
}

function takeText(it: Reading, text: string, onText: (text: string) => void): void {
  if (text === '') return
  it.parts += 1
  it.firstTextAtMs ??= performance.now()
  it.text += text
  if (it.text.length > TEXT_CHARACTERS_MAX) throw new RangeError('the answer is longer than its limit of tokens')
  onText(text)
}

/** The words of an error answer; undefined if it has none. */
export function serverMessage(text: string): string | undefined {
  const { error } = Failure.safeParse(parseJson(text)).data ?? {}
  const words = typeof error === 'string' ? error : error?.message
  return words?.slice(0, 300)
}

/** The vectors in the order of the texts; undefined if some are missing. */
export function readEmbeddings(
  text: string,
  count: number,
): { vectors: readonly (readonly number[])[]; promptTokens: number } | undefined {
  const parsed = Embeddings.safeParse(parseJson(text))
  if (!parsed.success) return undefined
  const sorted = parsed.data.data.toSorted((one, other) => one.index - other.index)
  if (sorted.length !== count || sorted.some(({ index }, place) => index !== place)) return undefined
  return { vectors: sorted.map(({ embedding }) => embedding), promptTokens: parsed.data.usage?.prompt_tokens ?? 0 }
}
