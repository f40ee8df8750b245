/** Prompts file: golden prompts as a person writes them, at the command line and in the console. */
import * as z from 'zod'

/** The prompt is short: 32 of them run within a minute on a small device. */
export const GOLDEN_ANSWER_TOKENS_MAX = 256

const PROMPTS_MAX = 32

export const PromptsFile = z
  .array(
    z.strictObject({
      prompt: z.string().min(1),
      answer: z.string().min(1),
      maxTokens: z.int().min(1).max(GOLDEN_ANSWER_TOKENS_MAX).default(48),
    }),
  )
  .min(1)
  .max(PROMPTS_MAX)
export type PromptsFile = z.infer<typeof PromptsFile>
