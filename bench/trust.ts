/**
 * trust: what it costs to know who calls, to write down what they did, to prove that nobody changed it since, and to know a device at the door.
 * Each beside a bare baseline of the same run: the same hash, the same rows, the same handshake, without what Skerry adds.
 *
 * What only computes is measured in processor time, so that other work on the machine does not count; what waits for a disk or the other side
 * of a handshake is measured by the clock.
 */
import { startTestHub } from '../apps/hub/test/stage/running-hub.ts'
import { measureAppend, measureVerify } from './trust-parts/trust-audit.ts'
import { measureGuard } from './trust-parts/trust-guard.ts'
import { measureHandshakes } from './trust-parts/trust-handshakes.ts'

/** Runs the benchmark; a minute or less. */
export async function run(): Promise<object> {
  await using test = await startTestHub()
  const guard = await measureGuard(test)
  const append = await measureAppend(test)
  const verify = await measureVerify()
  return { benchmark: 'trust', ...guard, ...append, ...verify, ...(await measureHandshakes()) }
}
