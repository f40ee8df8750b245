/** Modbus discovery: which units answer at a host. Each is asked for one register; whoever is silent costs the connection, as it does in a source. */
import { askEach, type Discover, type Found } from '@skerry/connectors/discovery'
import { ModbusConnection } from '@skerry/contract/sources/protocols/source-modbus'
import { conclude, type Said, saidByException } from '@skerry/core/equipment/discovery'
import { openWire, type Wire } from './wire.ts'

/** What most equipment and most gateways have. */
const USUAL = Array.from({ length: 10 }, (_, index) => index + 1)
const PREFERRED = 1

export const discoverModbus: Discover = async ({ host, port = 502, numbers = USUAL, timeoutMs }, deps, signal) => {
  // Who is busy is there: that is all that is asked.
  const connection = ModbusConnection.parse({ host, port, timeoutMs, busyRetries: 0 })
  let open: Wire | undefined
  const ask = async (unit: number): Promise<Said> => {
    open ??= await openWire({ connection, units: new Set([unit]) }, deps.clock, signal)
    try {
      const answer = await open.read({ unit, table: 'holding', start: 0, length: 1 }, signal)
      return answer.ok ? 'answered' : saidByException(answer.exception)
    } catch (cause) {
      await open[Symbol.asyncDispose]()
      open = undefined
      throw cause
    }
  }
  try {
    const found = conclude(await askEach(numbers, deps, ask, signal), PREFERRED)
    const at = (unit: number) => ({ where: `${host}:${port}, unit ${unit}`, connection: { host, port, unit } })
    if (found.kind === 'nobody') return []
    if (found.kind === 'same') return [{ ...at(found.number), what: ANY_UNIT, certainty: 'likely' }]
    return found.answers.map(({ number, said }): Found => {
      if (said === 'answered') return { ...at(number), what: 'a unit that has holding registers', certainty: 'sure' }
      return { ...at(number), what: 'a unit that rejects holding register 0', certainty: 'sure' }
    })
  } finally {
    await open?.[Symbol.asyncDispose]()
  }
}

const ANY_UNIT = 'equipment that answers as every unit'
