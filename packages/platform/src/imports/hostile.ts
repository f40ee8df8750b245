/**
 * Hostile files: the forms in which others pass on models that run code or unfold without a limit when they are opened.
 * Skerry opens none of them.
 */
import { open, realpath } from 'node:fs/promises'
import { sep } from 'node:path'
import { importProblem } from './import-problem.ts'

/** A tar archive states its form at byte 257. */
const HEAD_BYTES = 512

const EXPORT = 'export the model to ONNX where it was trained, and import that file'
const UNPACK = 'unpack it where it may do no harm, and import the ONNX file or the folder'

const bytesOf = (...values: number[]) => Buffer.from(values)

type Form = { at: number; magic: Buffer; is: string; next: string }

const FORMS: readonly Form[] = [
  // [CPython, Lib/pickle.py] PROTO and the number of the protocol; older protocols are text, and no ONNX either.
  ...[2, 3, 4, 5].map((protocol) => ({
    at: 0,
    magic: bytesOf(0x80, protocol),
    is: 'a Python pickle, which runs code when it is opened',
    next: EXPORT,
  })),
  { at: 0, magic: Buffer.from('PK'), is: 'a zip archive, which may unfold without a limit', next: UNPACK },
  { at: 0, magic: bytesOf(0x1f, 0x8b), is: 'compressed with gzip', next: UNPACK },
  { at: 0, magic: Buffer.from('BZh'), is: 'compressed with bzip2', next: UNPACK },
  { at: 0, magic: bytesOf(0xfd, 0x37, 0x7a, 0x58, 0x5a), is: 'compressed with xz', next: UNPACK },
  { at: 0, magic: bytesOf(0x28, 0xb5, 0x2f, 0xfd), is: 'compressed with Zstandard', next: UNPACK },
  { at: 257, magic: Buffer.from('ustar'), is: 'a tar archive', next: UNPACK },
  { at: 0, magic: bytesOf(0x89, 0x48, 0x44, 0x46), is: 'an HDF5 file, as Keras writes it', next: EXPORT },
  {
    at: 0,
    magic: Buffer.from('version https://git-lfs'),
    is: 'only the pointer of Git LFS to a file',
    next: 'run "git lfs pull" in the folder, and import it again',
  },
  {
    at: 0,
    magic: Buffer.from('<'),
    is: 'a page of a web server, and no model',
    next: 'give the address of the file itself, and a token if the server needs one (--token-file)',
  },
]

/** Throws if the bytes begin as a file that Skerry never opens. */
export function refuseHostileBytes(name: string, head: Buffer): void {
  const found = FORMS.find(({ at, magic }) => head.subarray(at, at + magic.length).equals(magic))
  if (found) throw importProblem('import_refused', `${name} is ${found.is}`, { next: found.next })
}

/** The same for a file on the disk. */
export async function refuseHostileFile(path: string): Promise<void> {
  const head = Buffer.alloc(HEAD_BYTES)
  try {
    await using file = await open(path)
    const { bytesRead } = await file.read(head, 0, HEAD_BYTES, 0)
    refuseHostileBytes(path, head.subarray(0, bytesRead))
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw unreadable(path, error)
    throw error
  }
}

/** Throws if a file of the folder is a link to a place outside: a stranger's folder must not choose what is pushed. */
export async function refuseEscapes(folder: string, paths: readonly string[]): Promise<void> {
  const root = await realpath(folder)
  for (const path of paths) {
    const real = await realpath(path).catch((cause: unknown) => {
      throw unreadable(path, cause)
    })
    if (!real.startsWith(root + sep))
      throw importProblem('import_refused', `${path} is a link to ${real}, outside the folder`, {
        next: 'copy the file into the folder, if you trust it',
      })
  }
}

function unreadable(path: string, cause: unknown) {
  const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
  return importProblem('import_failed', `cannot read ${path}: ${why === 'ENOENT' ? 'there is no such file' : why}`, {
    cause,
  })
}
