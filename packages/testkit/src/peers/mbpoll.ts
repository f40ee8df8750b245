/** mbpoll: a Modbus master by other people, over TCP and serial lines, asked what stands where a test has written. */
import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'

/** Whether this machine has it. Tests that need it are skipped where it has not. */
export const hasMbpoll = spawnSync('mbpoll', ['-V'], { stdio: 'ignore' }).status === 0

/** In its own words: `-B` where the high word of two comes first. */
const KINDS = {
  coil: ['-t', '0'],
  int16: ['-t', '4:int16'],
  uint16: ['-t', '4'],
  'int32 ABCD': ['-t', '4:int', '-B'],
  'int32 CDAB': ['-t', '4:int'],
  'float32 ABCD': ['-t', '4:float', '-B'],
  'float32 CDAB': ['-t', '4:float'],
} as const

export type Polled = { kind: keyof typeof KINDS; at: number; count?: number }

/** The longest that it waits. */
const PATIENCE = ['-o', '10']

/** What the equipment has there, one after the other. */
export async function poll(equipment: { port: number } | { path: string }, polled: Polled): Promise<number[]> {
  const { kind, at, count = 1 } = polled
  const line = 'port' in equipment ? ['-p', String(equipment.port)] : ['-m', 'rtu', '-b', '19200', '-P', 'none']
  const asked = [...KINDS[kind], '-0', '-r', String(at), '-c', String(count), '-1', '-q', ...PATIENCE, ...line]
  const { stdout } = await promisify(execFile)('mbpoll', [...asked, 'port' in equipment ? '127.0.0.1' : equipment.path])
  return [...stdout.matchAll(/^\[\d+\]:\s+(\S+)/gm)].map(([, value]) => Number(value))
}
