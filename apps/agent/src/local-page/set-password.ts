/**
 * Set password: the command that reads a password for the local page. It works beside a running agent, and needs no
 * lock of the data folder.
 */
import { chown, stat } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { passwordProblem, storePassword } from './page-password.ts'

const ASKED_WRONGLY = 2

/** Reads the first line of standard input. Resolves with the exit code. */
export async function setPagePassword(data: string): Promise<number> {
  const password = await readLine()
  const problem = passwordProblem(password)
  if (problem !== undefined) {
    process.stderr.write(`skerry agent: ${problem}\n`)
    return ASKED_WRONGLY
  }
  const path = await storePassword(nodeFileSystem, data, password)
  await giveToOwner(path, data)
  process.stdout.write('the page of this device has a new password; all sessions of the page have ended\n')
  return 0
}

/** A terminal does not show the line. */
async function readLine(): Promise<string> {
  const terminal = process.stdin.isTTY
  if (terminal) process.stderr.write('password for the page of this device: ')
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: silent, terminal })
  try {
    for await (const line of lines) return line
    return ''
  } finally {
    lines.close()
    if (terminal) process.stderr.write('\n')
  }
}

/** A file that root writes must be readable for the user of the agent, who owns the folder. */
async function giveToOwner(path: string, data: string): Promise<void> {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = await stat(data)
  await chown(path, uid, gid)
}
