/**
 * Young memory: collects the pieces of relayed streams while they are young. V8 counts each piece as memory outside its
 * heap, and after some tens of megabytes it marks the whole heap. In a hub that cost more than the relay itself. The heap
 * has few new objects meanwhile, so V8 does not collect young ones by itself.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Below the 64 MB at which V8 begins to mark, with room for the copies that TLS makes of each byte. */
const COLLECT_BYTES = 8 * 1024 * 1024

let passedBytes = 0
let collectYoung: (() => void) | undefined

/** Counts bytes that a relay has passed on. Each some megabytes, the young memory is collected, which takes about 1 ms. */
export function countRelayed(bytes: number): void {
  passedBytes += bytes
  if (passedBytes < COLLECT_BYTES) return
  passedBytes = 0
  collectYoung ??= youngCollector()
  collectYoung()
}

/** [Node, global.gc] The function exists in contexts that begin after the flag. */
function youngCollector(): () => void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  return typeof collect === 'function' ? () => void collect({ type: 'minor' }) : () => undefined
}
