/** Line programs: the programs of the system that know the state of the line to the hub. A missing one is no fault. */
import type { Segments } from '@skerry/core/places/line'
import type { RunProgram } from '../system/run-program.ts'

/** [NMMetered] 1 and 3 are yes and probably, 2 and 4 are no and probably not. 0 is unknown. */
const METERED: Readonly<Record<string, boolean>> = { 1: true, 2: false, 3: true, 4: false }

const MANAGER = 'org.freedesktop.NetworkManager'

/** Whether the line costs by the byte, as NetworkManager knows it. Undefined if nobody knows. */
export async function readMetered(run: RunProgram): Promise<boolean | undefined> {
  const words = ['--system', 'get-property', MANAGER, '/org/freedesktop/NetworkManager', MANAGER, 'Metered']
  // [busctl(1)] Without it, the question would start a NetworkManager that somebody has stopped.
  const text = await run('busctl', ['--auto-start=no', ...words]).catch(() => '')
  return METERED[/^u (\d)/.exec(text)?.[1] ?? '']
}

/** The segments of the connections to the hub. Empty if the kernel or the program does not tell them. */
export async function readSegments(run: RunProgram, hub: string): Promise<Segments> {
  const { hostname, port, protocol } = new URL(hub)
  const address = `${hostname}:${port || (protocol === 'http:' ? '80' : '443')}`
  const text = await run('ss', ['--tcp', '--info', '--numeric', '--no-header', 'state', 'established', 'dst', address])
  return segmentsIn(text)
}

/**
 * [ss(8)] A line with the queues and both addresses, and a line with the figures. `retrans:0/5` has the segments that were
 * sent again since the connection began, and is absent if there are none.
 */
export function segmentsIn(text: string): Segments {
  const segments = new Map<string, { sent: number; again: number }>()
  let connection = ''
  for (const line of text.split('\n')) {
    const [, local, peer] = /^\d+\s+\d+\s+(\S+)\s+(\S+)/.exec(line) ?? []
    if (local !== undefined && peer !== undefined) connection = `${local} ${peer}`
    const sent = /\bdata_segs_out:(\d+)/.exec(line)?.[1]
    if (connection === '' || sent === undefined) continue
    segments.set(connection, { sent: Number(sent), again: Number(/\bretrans:\d+\/(\d+)/.exec(line)?.[1] ?? 0) })
  }
  return segments
}
