/** Files source: a log that somebody else goes on writing, followed line by line. */
import * as z from 'zod'
import { TagShape } from '../tag.ts'

/** A column of a CSV file, or a place in a JSON line such as `motor.temperature`. */
const FieldName = z.string().min(1).max(250)

export const FilesConnection = z
  .strictObject({
    path: z
      .string()
      .min(1)
      .max(4_000)
      .refine((path) => path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path), 'must be a whole path, from the root on'),
    format: z.enum(['csv', 'jsonl']),
    /** Between the columns of a CSV file. */
    separator: z.string().length(1).default(','),
    /** Of a CSV file whose first line does not name them. */
    columns: z.array(FieldName).min(1).max(10_000).optional(),
    /** When the value was measured, where the line says so. */
    time: z
      .strictObject({ field: FieldName, as: z.enum(['iso', 'seconds', 'milliseconds']).default('iso') })
      .optional(),
    /** Where to begin in a file that was never read before. */
    from: z.enum(['start', 'end']).default('end'),
    /** Go on where it was left, after a restart of whatever reads it. */
    resume: z.boolean().default(true),
  })
  .refine(({ format, columns }) => format === 'csv' || columns === undefined, 'JSON lines have no columns')
export type FilesConnection = z.infer<typeof FilesConnection>

export const FilesTag = z
  .strictObject({ ...TagShape, address: FieldName, type: z.enum(['number', 'bool', 'string']).default('number') })
  .refine(({ write }) => write === undefined, 'a source of files cannot write')
  .refine(({ mask, shift }) => mask === undefined && shift === undefined, 'there are no bits to mask')
export type FilesTag = z.infer<typeof FilesTag>
