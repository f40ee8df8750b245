/**
 * trust: the cost of four tasks: to identify the caller, to write an audit record, to prove that nobody changed it
 * since, and to identify a device when it connects. Each stands beside a bare baseline of the same run: the same hash,
 * the same rows, the same handshake, without Skerry's additions.
 *
 * Pure computations are measured in processor time, so that other work on the machine does not count. Work that waits
 * for a disk or the other side of a handshake is measured by the clock.
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
