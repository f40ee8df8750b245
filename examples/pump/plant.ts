/** Plant: the equipment of this example, none of it ours: a PLC of libmodbus, a server of open62541, the broker mosquitto, and a SCADA that listens there. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ModbusPeer, startModbus } from '@skerry/testkit/peers/modbus-peer'
import { type Mosquitto, startMosquitto } from '@skerry/testkit/peers/mosquitto'
import { type OpcuaPeer, startOpcua } from '@skerry/testkit/peers/opcua-peer'
import { parse, stringify } from 'yaml'
import { type Readings, recordReadings } from './readings.ts'
import { type Scada, startScada } from './scada.ts'

export type Plant = { plc: ModbusPeer; air: OpcuaPeer; broker: Mosquitto; scada: Scada; readings: Readings }

/** Compiles what is to be compiled, and starts all of it. What is on the stack ends with the example. */
export async function startPlant(stack: AsyncDisposableStack, folder: string): Promise<Plant> {
  const readings = await recordReadings(folder)
  const plc = stack.use(await startModbus(readings))
  const air = stack.use(await startOpcua({ tags: 1, ...readings }))
  const broker = stack.use(await startMosquitto())
  const scada = stack.use(await startScada(broker))
  return { plc, air, broker, scada, readings }
}

/** The PLC says itself what becomes of its coils; undefined before anybody set this one. */
export function alarmCoil({ plc }: Plant): number | undefined {
  const said = [...plc.said().matchAll(/^coil 10 is ([01])$/gm)].at(-1)?.[1]
  return said === undefined ? undefined : Number(said)
}

/** Writes the files of this example into the folder, with the addresses where the equipment really is. */
export async function writeConnections({ plc, air, broker }: Plant, folder: string): Promise<void> {
  const trust = [await air.fingerprint()]
  await writeWith('pump-plc.yaml', folder, { port: plc.port })
  await writeWith('pump-air.yaml', folder, { endpoint: air.endpoint, trust })
  await writeWith('plant.yaml', folder, { port: broker.port })
}

async function writeWith(name: string, folder: string, where: object): Promise<void> {
  const said = parse(await readFile(join(import.meta.dirname, name), 'utf8'))
  const connection = { ...said.connection, ...where }
  await writeFile(join(folder, name), stringify({ ...said, connection }))
}
