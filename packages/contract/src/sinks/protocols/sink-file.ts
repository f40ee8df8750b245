/** File sink: values in files of a folder, for who fetches them or keeps them. */
import * as z from 'zod'

export const FileFormat = z.enum(['json-lines', 'csv', 'parquet'])
export type FileFormat = z.infer<typeof FileFormat>

export const FileConnection = z.strictObject({
  /** Absolute, or within the folder that the sinks of the device have. */
  folder: z
    .string()
    .min(1)
    .max(500)
    .refine((path) => !path.split('/').includes('..'), 'must not lead upwards'),
  format: FileFormat.default('json-lines'),
  /** A new file is begun when the newest is so large, or so old. */
  rotateBytes: z
    .int()
    .min(1024)
    // A file is turned into Parquet as a whole, in memory.
    .max(64 * 1024 ** 2)
    .default(16 * 1024 ** 2),
  rotateSeconds: z
    .int()
    .min(1)
    .max(31 * 86_400)
    .default(3_600),
  /** The oldest is removed for a new one beyond so many: nobody fetched it. */
  filesMax: z.int().min(1).max(100_000).default(1_000),
})
export type FileConnection = z.infer<typeof FileConnection>
