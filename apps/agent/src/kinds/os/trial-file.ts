/** Trial file: what an updater is in the middle of, for the agent after a restart of the machine. */
import { readIfPresent, writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import type * as z from 'zod'

type TrialPlace = { fileSystem: FileSystem; folder: string; trialPath: string }

/** Undefined if there is none, or none that this agent can read. */
export async function readTrialFile<Trial>(
  { fileSystem, trialPath }: TrialPlace,
  schema: z.ZodType<Trial>,
): Promise<Trial | undefined> {
  const bytes = await readIfPresent(fileSystem, trialPath)
  return bytes && schema.safeParse(parseJson(Buffer.from(bytes).toString('utf8'))).data
}

export async function writeTrialFile({ fileSystem, folder, trialPath }: TrialPlace, trial: object): Promise<void> {
  await fileSystem.makeFolder(folder)
  await writeAtomic(fileSystem, trialPath, JSON.stringify(trial))
}

/** Undefined if it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
