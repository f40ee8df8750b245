/** S7 discovery: in which slot a CPU answers. Each is connected to as a source would, and left again; nothing is read. */
import { askEach, type Discover } from '@skerry/connectors/discovery'
import { S7Connection } from '@skerry/contract/sources/protocols/source-s7'
import { conclude } from '@skerry/core/equipment/discovery'
import { openWire } from './wire.ts'

/** [packages/contract/src/sources/protocols/source-s7.ts] 0 and 1 of S7-1200 and S7-1500, 2 of S7-300, up to 4 of most S7-400. */
const USUAL = [0, 1, 2, 3, 4]
const PREFERRED = 1

export const discoverS7: Discover = async ({ host, port = 102, numbers = USUAL, timeoutMs }, deps, signal) => {
  const ask = async (slot: number) => {
    await using _ = await openWire(S7Connection.parse({ host, port, slot, timeoutMs }), deps.clock, signal)
    return 'answered' as const
  }
  const found = conclude(await askEach(numbers, deps, ask, signal), PREFERRED)
  const at = (slot: number) => ({ where: `${host}:${port}, rack 0, slot ${slot}`, connection: { host, port, slot } })
  if (found.kind === 'nobody') return []
  if (found.kind === 'same')
    return [{ ...at(found.number), what: 'a CPU that answers in every slot', certainty: 'likely' }]
  return found.answers.map(({ number }) => ({
    ...at(number),
    what: 'a CPU, or a module that speaks S7',
    certainty: 'sure',
  }))
}
