/**
 * Run marks: which models native code was running for when a runner crashed. The runner sets a byte for each session while it runs; control holds the
 * same file open, so that the bytes outlive the runner. The file has no name and no place on a disk: it wears out no flash and leaves nothing behind.
 */
import { randomUUID } from 'node:crypto'
import { closeSync, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** [contract, Serving.instances] Each slot has a byte for each of its instances. */
const INSTANCES_MAX = 64

/** The number by which a runner knows the file: the one after standard streams and the pipe to control. */
export const MARKS_DESCRIPTOR = 4

export type RunMarks = Disposable & {
  descriptor: number
  /** Of a runner that begins. */
  reset(): void
  /** Of a slot that begins. */
  clear(cell: number): void
  isSet(cell: number): boolean
}

/** Where the first instance of a slot has its byte. */
export const markOf = (cell: number) => ({ descriptor: MARKS_DESCRIPTOR, position: cell * INSTANCES_MAX })

/** Undefined where no folder takes the file: then a crash is judged without marks. */
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
    // Memory is full: then a crash is judged by what the cell says.
  }
}

function isAnySet(descriptor: number, cell: number): boolean {
  const bytes = new Uint8Array(INSTANCES_MAX)
  const length = readSync(descriptor, bytes, 0, INSTANCES_MAX, cell * INSTANCES_MAX)
  return bytes.subarray(0, length).some((byte) => byte !== 0)
}
