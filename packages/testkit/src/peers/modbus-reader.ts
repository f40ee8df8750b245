/** Modbus reader: what a client by other people reads where a test has written. Its protocol is Debian's pymodbus. */
import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const SOURCE = fileURLToPath(new URL('../../peers/modbus-reader.py', import.meta.url))
const PYTHON = '/usr/bin/python3'

/** Whether this machine has what it is built of. Tests that need it are skipped where it has not. */
export const hasModbusReader = spawnSync(PYTHON, ['-c', 'import pymodbus'], { stdio: 'ignore' }).status === 0

/** By names that its source gives to places. */
export async function readElsewhere(port: number): Promise<unknown> {
  const { stdout } = await promisify(execFile)(PYTHON, [SOURCE, String(port)])
  return JSON.parse(stdout)
}
