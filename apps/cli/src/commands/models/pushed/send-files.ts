/** Send files: hashes the files of a push, and uploads those that the hub lacks. */
import type { Connection } from '@skerry/client/connection'
import { uploadBlob } from '@skerry/client/upload-blob'
import { backoffMs } from '@skerry/core/values/backoff'
import type { Session } from '../../../program/session.ts'
import type { Progress } from '../../../program/terminal/progress.ts'
import { type FoundFile, type HashedFile, hashFiles, readFound } from '../files/model-files.ts'

/** On a good line, a retried upload continues quickly. On a bad line, the waits become longer. */
const RETRY = { baseMs: 500, maxMs: 30_000 }

/** Hashes the files, and shows how far it is. */
export async function hashAll(files: readonly FoundFile[], session: Session): Promise<HashedFile[]> {
  const total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  using progress = session.progress('hashing', total)
  return await hashFiles(files, progress, session.signal)
}

/** Sends one file, from where an earlier upload ended. */
export async function uploadFile(connection: Connection, file: HashedFile, session: Session): Promise<void> {
  const { digest, sizeBytes, path } = file
  let progress: Progress | undefined
  const onProgress = (doneBytes: number) => {
    if (doneBytes < sizeBytes) progress ??= session.progress(`uploading ${path}`, sizeBytes)
    progress?.at(doneBytes)
  }
  const source = (start: number) => readFound(file, start)
  const delayMs = (attempt: number) => backoffMs(attempt, RETRY, session.io.random())
  try {
    await uploadBlob(connection, { digest, sizeBytes, source, onProgress, delayMs }, session.signal)
  } finally {
    progress?.[Symbol.dispose]()
  }
  if (!progress) session.note(`the hub has ${path} already`)
}
