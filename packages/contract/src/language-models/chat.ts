/**
 * Chat: the requests that a device answers beside the Open Inference Protocol, in the form of the widespread chat API.
 * Fields that only tune a large service are dropped. Fields that would change the meaning of the answer are rejected.
 */
import * as z from 'zod'
import { AnswerSchema } from './answer-schema.ts'
import { ANSWER_TOKENS_MAX } from './language-model.ts'

/** The longest contexts hold about this many characters. */
export const CHAT_CHARACTERS_MAX = 500_000

const Text = z.string().max(CHAT_CHARACTERS_MAX)

/** A message is text: pictures and sounds are rejected. */
const Content = z.union([
  Text,
  z
    .array(z.object({ type: z.literal('text'), text: Text }))
    .min(1)
    .max(64),
])

const Message = z.object({ role: z.enum(['system', 'developer', 'user', 'assistant']), content: Content })

const Stop = z.string().min(1).max(100)

const ResponseFormat = z.union([
  z.object({ type: z.literal('text') }),
  z.object({
    type: z.literal('json_schema'),
    json_schema: z.object({ name: z.string().max(64).optional(), schema: AnswerSchema }),
  }),
])

const absent = (field: string) =>
  z.undefined({ error: `${field} is not supported; leave it out, or ask for JSON by response_format` }).optional()

export const ChatRequest = z
  .object({
    model: z.string().min(1).max(200),
    /** 256 messages are more than a small context holds. */
    messages: z.array(Message).min(1).max(256),
    stream: z.boolean().nullish(),
    stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
    max_tokens: z.int().min(1).max(ANSWER_TOKENS_MAX).nullish(),
    max_completion_tokens: z.int().min(1).max(ANSWER_TOKENS_MAX).nullish(),
    temperature: z.number().min(0).max(2).nullish(),
    top_p: z.number().gt(0).max(1).nullish(),
    seed: z
      .int()
      .min(0)
      .max(2 ** 31)
      .nullish(),
    stop: z.union([Stop, z.array(Stop).max(4)]).nullish(),
    response_format: ResponseFormat.nullish(),
    /** Requests of one user share a turn in the queue. */
    user: z.string().max(200).nullish(),
    n: z.literal(1, { error: 'n must be 1' }).nullish(),
    tools: absent('tools'),
    functions: absent('functions'),
    logprobs: z.literal(false, { error: 'logprobs is not supported' }).nullish(),
  })
  .refine(
    ({ messages }) =>
      messages.reduce((sum, { content }) => sum + textOfContent(content).length, 0) <= CHAT_CHARACTERS_MAX,
    { error: `the messages may have ${CHAT_CHARACTERS_MAX} characters together`, path: ['messages'] },
  )
export type ChatRequest = z.infer<typeof ChatRequest>

/** The text of a message. */
export const textOfContent = (content: z.infer<typeof Content>): string =>
  typeof content === 'string' ? content : content.map(({ text }) => text).join('')

export const EmbeddingsRequest = z.object({
  model: z.string().min(1).max(200),
  input: z
    .union([Text.min(1), z.array(Text.min(1)).min(1).max(64)])
    .refine((input) => typeof input === 'string' || input.join('').length <= CHAT_CHARACTERS_MAX, {
      error: `the texts may have ${CHAT_CHARACTERS_MAX} characters together`,
    }),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  user: z.string().max(200).nullish(),
})
export type EmbeddingsRequest = z.infer<typeof EmbeddingsRequest>

/** Figures of one answer, beside the usual counts of tokens. */
export const ChatTiming = z.object({ firstTokenMs: z.number(), totalMs: z.number(), tokensPerSecond: z.number() })
export type ChatTiming = z.infer<typeof ChatTiming>

/** The last message of a stream, and the answer without a stream, have these. */
export const ChatUsage = z.object({
  prompt_tokens: z.int().min(0),
  completion_tokens: z.int().min(0),
  total_tokens: z.int().min(0),
})
export type ChatUsage = z.infer<typeof ChatUsage>
