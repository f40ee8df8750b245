/**
 * Run marks: the models with native code that was running when a runner crashed. The runner sets a byte for each
 * session while it runs. Control holds the same file open, so that the bytes outlive the runner. The file has no name
 * and no place on a disk: it wears out no flash and leaves nothing behind.
 */
import { randomUUID } from 'node:crypto'
import { closeSync, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** [contract, Serving.instances] Each slot has a byte for each of its instances. */
const INSTANCES_MAX = 64

/** The file descriptor in the runner: the one after the standard streams and the pipe to control. */
export const MARKS_DESCRIPTOR = 4

export type RunMarks = Disposable & {
  descriptor: number
  /** Clears all marks, when a runner begins. */
  reset(): void
  /** Clears the marks of a slot, when it begins. */
  clear(cell: number): void
  isSet(cell: number): boolean
}

/** The position of the byte of a slot's first instance. */
export const markOf = (cell: number) => ({ descriptor: MARKS_DESCRIPTOR, position: cell * INSTANCES_MAX })

/** Undefined if no folder accepts the file: then a crash is judged without marks. */
export function openRunMarks(): RunMarks | undefined {
  for (const folder of ['/dev/shm', tmpdir()]) {
    const descriptor = openNameless(join(folder, `skerry-marks-${randomUUID()}`))
    if (descriptor === undefined) continue
    return {
      descriptor,
      reset: () => ftruncateSync(descriptor, 0),
      clear: (cell) => clear(descriptor, cell),
      isSet: (cell) => isAnySet(descriptor, cell),
      [Symbol.dispose]: () => closeSync(descriptor),
    }
  }
  return undefined
}

function openNameless(path: string): number | undefined {
  try {
    const descriptor = openSync(path, 'wx+', 0o600)
    unlinkSync(path)
    return descriptor
  } catch {
    return undefined
  }
}

function clear(descriptor: number, cell: number): void {
  try {
    writeSync(descriptor, new Uint8Array(INSTANCES_MAX), 0, INSTANCES_MAX, cell * INSTANCES_MAX)
  } catch {
    // Memory is full: then a crash is judged by the old marks of the cell.
  }
}

function isAnySet(descriptor: number, cell: number): boolean {
  const bytes = new Uint8Array(INSTANCES_MAX)
  const length = readSync(descriptor, bytes, 0, INSTANCES_MAX, cell * INSTANCES_MAX)
  return bytes.subarray(0, length).some((byte) => byte !== 0)
}
