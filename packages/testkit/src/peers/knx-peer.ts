/**
 * KNX peer: a gateway into a bus, which is Debian's knxd, and a device on that bus that speaks to knxd by its own socket. The bus is in memory. knxd takes
 * its port on all interfaces, so each has one of its own.
 */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createConnection, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../free-port.ts'
import { startProgram } from '../program.ts'
import { until } from '../until.ts'
import type { NetworkPeer } from './compiled-peer.ts'

/** Whether this machine has it. Tests that need it are skipped where it has not. */
export const hasKnx = spawnSync('knxd', ['--version'], { stdio: 'ignore' }).status === 0

/** How often the device tells: a bus of wires bears some fifty telegrams a second. */
const EVERY_MS = 40

/** Group addresses as numbers, and their values: 1/1/1 is 3.25 as DPT 9, 1/1/2 a float that can be written, 1/1/3 is 59993 as DPT 7, 1/1/4 on, 1/1/5 a text, 1/2/3 25.0 as DPT 9. */
const AT = { steady: 0x0901, writable: 0x0902, sensor: 0x0903, lamp: 0x0904, text: 0x0905, hall: 0x0a03 }

const START = new Map<number, Buffer>([
  [AT.steady, Buffer.from([0x01, 0x45])],
  [AT.writable, Buffer.from([0x41, 0xf0, 0, 0])],
  [AT.sensor, Buffer.from([0xea, 0x59])],
  [AT.hall, Buffer.from([0x0c, 0xe2])],
  [AT.text, Buffer.from('PRESS 7\0\0\0\0\0\0\0')],
])

/** [knxd, eibtypes.h] */
const OPEN_GROUPS = 0x26
const GROUP_PACKET = 0x27
const KIND = { read: 0x00, response: 0x40, write: 0x80 }

export async function startKnx(): Promise<NetworkPeer> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-knx-'))
  const port = await freePort()
  const socket = join(folder, 'bus')
  const args = ['-e', '0.0.1', '-E', '0.0.2:8', `-u${socket}`, '-D', '-T', `-S224.0.23.12:${port}`, '-b', 'dummy:']
  let device: Socket | undefined
  const knxd = await startProgram('sh', ['-c', 'echo ready; exec knxd "$@"', 'knxd', ...args])
  const attach = async () => {
    device = await openDevice(socket)
  }
  await attach()
  return {
    ...knxd,
    port,
    folder,
    async start() {
      await rm(socket, { force: true })
      await knxd.start()
      await attach()
    },
    async [Symbol.asyncDispose]() {
      device?.destroy()
      await knxd.kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function openDevice(path: string): Promise<Socket> {
  const socket = await connected(path)
  const values = new Map(START)
  let isOn = false
  socket.write(message(OPEN_GROUPS, Buffer.from([0, 0, 0])))
  const say = (group: number, kind: number) => {
    const value = values.get(group)
    const apdu = value ? Buffer.concat([Buffer.from([0, kind]), value]) : Buffer.from([0, kind | Number(isOn)])
    socket.write(message(GROUP_PACKET, Buffer.concat([numberOf(group), apdu])))
  }
  onMessages(socket, (type, body) => {
    const group = body.length > 4 ? body.readUInt16BE(2) : 0
    if (type !== GROUP_PACKET || !Object.values(AT).includes(group)) return
    const kind = (body[5] ?? 0) & 0xc0
    if (kind === KIND.read) say(group, KIND.response)
    if (kind !== KIND.write) return
    if (group === AT.lamp) isOn = ((body[5] ?? 0) & 1) === 1
    else values.set(group, Buffer.from(body.subarray(6)))
  })
  let round = 0
  const timer = setInterval(() => {
    const turn = [AT.steady, AT.writable, AT.steady, AT.sensor]
    say(turn[round % turn.length] ?? AT.steady, KIND.write)
    round += 1
  }, EVERY_MS)
  socket.on('close', () => clearInterval(timer))
  return socket
}

/** knxd makes its socket a moment after it was started. */
async function connected(path: string): Promise<Socket> {
  const look = async () => {
    const socket = createConnection(path)
    socket.on('error', () => undefined)
    return once(socket, 'connect').then(
      () => socket,
      () => undefined,
    )
  }
  return until(look, { what: `knxd to answer at ${path}` })
}

const numberOf = (number: number) => Buffer.from([number >> 8, number & 0xff])

const message = (type: number, body: Buffer) => Buffer.concat([numberOf(body.length + 2), numberOf(type), body])

function onMessages(socket: Socket, hear: (type: number, body: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes])
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const end = 2 + rest.readUInt16BE(0)
      hear(rest.readUInt16BE(2), rest.subarray(4, end))
      rest = rest.subarray(end)
    }
  })
}
