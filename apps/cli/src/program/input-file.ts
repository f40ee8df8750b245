/**
 * Input file: a file that a person names on the command line. If it is missing or is no JSON, the error uses their
 * words.
 */
import { readFile } from 'node:fs/promises'
import { fail } from './failure.ts'

/** The text of a file. */
export async function readText(path: string): Promise<string> {
  return (await readBytes(path)).toString('utf8')
}

/** The bytes of a file. */
export async function readBytes(path: string): Promise<Buffer<ArrayBuffer>> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

/** The failure for an unreadable file. */
export function unreadable(path: string, cause: unknown) {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
  const why = code === 'ENOENT' ? 'there is no such file' : code
  return fail('file_unreadable', `cannot read ${path}: ${why}`, { cause })
}
