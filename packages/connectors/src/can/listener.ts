/** CAN listener: candump, which writes a line for each frame that passes its filters. So no native module is needed. */
import { type ChildProgram, startChildProgram } from '@skerry/connectors/child-program'
import { SourceTrouble } from '@skerry/connectors/session'
import { type CanFrame, createLineCutter, frameOf } from './frame.ts'

/** [linux, CAN_RAW_FILTER_MAX] With more ids, candump passes all frames, and the session drops the others. */
const FILTERS_MAX = 512

export type Listener = ChildProgram<SourceTrouble>

/** `ids`: in the form that candump writes. */
export function startListener(
  { name, ids }: { name: string; ids: readonly string[] },
  hear: (frame: CanFrame) => void,
): Listener {
  const filters = ids.length > FILTERS_MAX ? [] : ids.map((id) => `${id}:${id.length === 8 ? 'DFFFFFFF' : 'C00007FF'}`)
  const cut = createLineCutter((line) => {
    const frame = frameOf(line)
    if (frame) hear(frame)
  })
  return startChildProgram(
    { command: 'candump', args: ['-L', [name, ...filters].join(',')], from: 'can-utils' },
    (bytes) => cut(String(bytes)),
    (_, said) => endedBy(name, said),
  )
}

function endedBy(name: string, said: string): SourceTrouble {
  if (/No such device/.test(said))
    return new SourceTrouble('source_unreachable', `this machine has no interface ${name} (${said})`)
  if (/not supported/.test(said))
    return new SourceTrouble('source_unreachable', `the kernel of this machine has no CAN (${said})`)
  return new SourceTrouble('source_lost', `candump ended: ${said || 'no reason given'}`)
}
