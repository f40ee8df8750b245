/** Parse text: what a file of JSON says. */
import type { ZodType } from 'zod'

export type ParsedText<Said> = { ok: true; said: Said } | { ok: false; message: string }

/** The message names the first thing that is wrong. Throws where the text is no JSON. */
export function parseText<Said>(schema: ZodType<Said>, text: string): ParsedText<Said> {
  const { success, data, error } = schema.safeParse(JSON.parse(text))
  if (success) return { ok: true, said: data }
  const [issue] = error.issues
  return { ok: false, message: `${issue?.path.join('.')}: ${issue?.message}` }
}
