/** Trial notes: the updater reads the trial and the hashes of the slots from these files after a restart. */

import { parseJson } from '@skerry/core/values/parse-json'
import { readIfPresent, writeAtomic } from '@skerry/platform/files/atomic-file'
import * as z from 'zod'
import type { Slots } from './slot-tool.ts'

/**
 * `isWritten` is false until the slot is written. Absent, it counts as true. `seenIn`: the boot in which an agent
 * ran in the new system. The watch of an image reads it, and restarts the machine if it is missing.
 */
const Trial = z.object({
  digest: z.string(),
  from: z.string(),
  bootId: z.string(),
  isWritten: z.boolean().optional(),
  leftIn: z.string().optional(),
  seenIn: z.string().optional(),
})
export type Trial = z.infer<typeof Trial>

/** The marks of the image of each version, the newest first. */
const Marks = z.array(z.object({ digest: z.string(), marks: z.array(z.string()) }))

/** Two slots have two versions. The rest are those that were tried and left. */
const MARKS_MAX = 16

type Place = Pick<Slots, 'fileSystem' | 'folder' | 'trialPath' | 'marksPath'>

export const readTrial = ({ fileSystem, trialPath }: Place): Promise<Trial | undefined> =>
  readNote(fileSystem, trialPath, Trial)

/** Also if the note cannot be read. */
export const hasTrialNote = async ({ fileSystem, trialPath }: Place): Promise<boolean> =>
  (await readIfPresent(fileSystem, trialPath)) !== undefined

export const writeTrial = (it: Place, trial: Trial): Promise<void> => writeNote(it, it.trialPath, trial)

/** Absent marks are read again from the image. */
export async function readMarks({ fileSystem, marksPath }: Place, digest: string): Promise<string[]> {
  const known = (await readNote(fileSystem, marksPath, Marks)) ?? []
  return known.find((one) => one.digest === digest)?.marks ?? []
}

export async function writeMarks(it: Place, digest: string, marks: string[]): Promise<void> {
  const known = (await readNote(it.fileSystem, it.marksPath, Marks)) ?? []
  const others = known.filter((one) => one.digest !== digest)
  await writeNote(it, it.marksPath, [{ digest, marks }, ...others].slice(0, MARKS_MAX))
}

export async function readNote<T>(
  fileSystem: Slots['fileSystem'],
  path: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  const bytes = await readIfPresent(fileSystem, path)
  return bytes && schema.safeParse(parseJson(Buffer.from(bytes).toString('utf8'))).data
}

export async function writeNote(
  { fileSystem, folder }: Pick<Slots, 'fileSystem' | 'folder'>,
  path: string,
  note: unknown,
): Promise<void> {
  await fileSystem.makeFolder(folder)
  await writeAtomic(fileSystem, path, JSON.stringify(note))
}
