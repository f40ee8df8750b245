/** Failure: a result without a detector, from which the hub learns why there is none. */
import { rename, writeFile } from 'node:fs/promises'
import type { LearningResult } from '@skerry/contract/learning/result'

type Failure = { code: string; message: string; advice: string }

/** The file is there as a whole or not at all. */
export async function writeFailure(outPath: string, { code, message, advice }: Failure): Promise<void> {
  const outcome = {
    rows: 0,
    startedAtMs: 0,
    endedAtMs: 0,
    candidates: [],
    tags: [],
    findings: [{ code, message: message.slice(0, 500), advice }],
  }
  await writeFile(`${outPath}.part`, JSON.stringify({ outcome } satisfies LearningResult))
  await rename(`${outPath}.part`, outPath)
}
