/** Work folder: the place beside the result where an image is made. It is removed at the end, also after a failure. */
import { execFile } from 'node:child_process'
import { access, mkdtemp } from 'node:fs/promises'
import { promisify } from 'node:util'
import { fail } from '../../../program/failure.ts'
import type { Session } from '../../../program/session.ts'
import { missingPackages } from './image-program.ts'

/** Throws before anything is made if the result could not be made. */
export async function checkComputer(out: string, programs: readonly string[], { io }: Session): Promise<void> {
  for (const path of [out, ...filesBeside(out)]) {
    const exists = await access(path).then(
      () => true,
      () => false,
    )
    if (exists) throw fail('file_unwritable', `${path} exists`)
  }
  const missing = await missingPackages(programs, io.env)
  if (missing.length > 0) {
    const next = `install them: apt install ${missing.join(' ')}`
    throw fail('image_failed', `this computer lacks ${missing.join(', ')}`, { next })
  }
  // The files of a system belong to root, and only root can install packages into a folder.
  if (process.getuid?.() !== 0) throw fail('image_failed', 'only root can make an image', { next: 'run it with sudo' })
}

/** The digest, its signature and the list of packages of an image. */
const filesBeside = (out: string): string[] => ['sha256', 'sha256.sig', 'sbom.json'].map((end) => `${out}.${end}`)

/** Calls the work with a new folder beside the result, and removes the folder afterwards. */
export async function withWorkFolder<T>(out: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(`${out}.work-`).catch((cause: unknown) => {
    throw fail('file_unwritable', `${out} cannot be written`, { cause })
  })
  try {
    return await work(folder)
  } finally {
    // A killed mmdebstrap may leave mounts of /dev and /proc. They must not be emptied.
    await promisify(execFile)('rm', ['-rf', '--one-file-system', '--', folder])
  }
}
