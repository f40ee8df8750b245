/** Parse text: reads a JSON file by a schema. */
import type { ZodType } from 'zod'

export type ParsedText<Said> = { ok: true; said: Said } | { ok: false; message: string }

/** The message names the first problem. Throws if the text is no JSON. */
export function parseText<Said>(schema: ZodType<Said>, text: string): ParsedText<Said> {
  const { success, data, error } = schema.safeParse(JSON.parse(text))
  if (success) return { ok: true, said: data }
  const [issue] = error.issues
  return { ok: false, message: `${issue?.path.join('.')}: ${issue?.message}` }
}
