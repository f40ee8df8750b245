/** The process that holds one serial port: bytes in, bytes out. It ends with its parent. */
import type { SerialSettings } from '@skerry/contract/sources/serial-line'
import { SerialPort } from 'serialport'
import type { FromSerial, ToSerial } from './serial-line.ts'

const say = (message: FromSerial) => process.send?.(message, () => undefined)

// Whoever started the process has parsed it.
const settings = JSON.parse(process.argv[2] ?? '') as SerialSettings
const port = new SerialPort({ ...settings, autoOpen: false })
port.on('error', (error) => say({ kind: 'failed', reason: error.message }))
port.on('close', () => say({ kind: 'closed' }))
port.on('data', (bytes: Uint8Array) => say({ kind: 'data', bytes: Uint8Array.from(bytes) }))
port.open((error) => say(error ? { kind: 'failed', reason: error.message } : { kind: 'open' }))

process.on('message', ({ bytes }: ToSerial) => void port.write(bytes))
// Whatever the native code is about: nobody is left to hear of it.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
