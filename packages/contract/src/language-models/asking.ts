/** Asking: a request of a person to a language model on a device, through the hub, and the parts of its answer. */
import * as z from 'zod'
import { Name } from '../values/names.ts'
import { AnswerSchema } from './answer-schema.ts'
import { CHAT_CHARACTERS_MAX } from './chat.ts'
import { ANSWER_TOKENS_MAX } from './language-model.ts'

export const AskQuestion = z.strictObject({
  messages: z
    .array(z.strictObject({ role: z.enum(['system', 'user', 'assistant']), text: z.string().max(CHAT_CHARACTERS_MAX) }))
    .min(1)
    .max(256),
  /** The default of the version if absent. */
  maxTokens: z.int().min(1).max(ANSWER_TOKENS_MAX).optional(),
  /** 0, the default, is greedy: the same weights give the same answer. */
  temperature: z.number().min(0).max(2).optional(),
  stop: z.array(z.string().min(1).max(100)).max(4).optional(),
  /** Binds the answer to JSON of this form. */
  schema: AnswerSchema.optional(),
})
export type AskQuestion = z.infer<typeof AskQuestion>

/** A part of the answer, or its end. Fields of a newer hub are dropped. */
export const AskPart = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), text: z.string() }),
  z.object({
    kind: z.literal('done'),
    device: Name,
    version: z.int().min(1),
    /** `length`: the limit of tokens ended the answer, so JSON may be incomplete. */
    finish: z.enum(['stop', 'length']),
    promptTokens: z.int().min(0),
    answerTokens: z.int().min(0),
    /** Measured on the device, without the queue. */
    firstTokenMs: z.number().min(0),
    totalMs: z.number().min(0),
  }),
  /** The device gave up in the middle of the answer. */
  z.object({ kind: z.literal('failed'), code: z.string().max(64), message: z.string().max(1_000) }),
])
export type AskPart = z.infer<typeof AskPart>
