/** Input file: what a person names on the command line; that it is missing or no JSON is told in their words. */
import { readFile } from 'node:fs/promises'
import { fail } from './failure.ts'

/** The text of a file. */
export async function readText(path: string): Promise<string> {
  return (await readBytes(path)).toString('utf8')
}

/** The bytes of a file. */
export async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

/** The failure for a file that cannot be read. */
export function unreadable(path: string, cause: unknown) {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
  const why = code === 'ENOENT' ? 'there is no such file' : code
  return fail('file_unreadable', `cannot read ${path}: ${why}`, { cause })
}
