/** Use drop reading: reads the dropped files, and reads again for each new drop. */
import { useEffect, useState } from 'react'
import type { LocalFile } from './file-plan.ts'
import { type DropReading, readDrop } from './read-drop.ts'

export type Reading = { state: 'empty' } | { state: 'reading' } | { state: 'failed'; message: string } | ReadingDone
type ReadingDone = { state: 'done'; reading: DropReading }

/** The reading of the newest drop. */
export function useDropReading(files: readonly LocalFile[]): Reading {
  const [done, setDone] = useState<{ files: readonly LocalFile[]; result: Reading }>()
  useEffect(() => {
    if (files.length === 0) return
    const controller = new AbortController()
    readDrop(files, controller.signal).then(
      (reading) => !controller.signal.aborted && setDone({ files, result: { state: 'done', reading } }),
      (error: unknown) => {
        if (controller.signal.aborted) return
        const message = error instanceof Error ? error.message : String(error)
        setDone({ files, result: { state: 'failed', message } })
      },
    )
    return () => controller.abort()
  }, [files])
  if (files.length === 0) return { state: 'empty' }
  return done?.files === files ? done.result : { state: 'reading' }
}
