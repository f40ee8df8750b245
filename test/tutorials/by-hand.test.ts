/** Follows the tour by hand word for word, as somebody who has never seen the project. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isServer, openTranscript, type Transcript } from '../stage/transcript.ts'
import { consoleSteps, withoutVarying } from '../web/stage/console-step.ts'

const steps = consoleSteps(await readFile(join(import.meta.dirname, '../../docs/tutorials/by-hand.md'), 'utf8'))

let transcript: Transcript

beforeAll(async () => {
  transcript = await openTranscript()
})
afterAll(() => transcript[Symbol.asyncDispose]())

test.each(steps)('$command', async ({ command, expected, told }) => {
  if (told.includes('End the hub')) await transcript.endHub()
  if (told.includes('What bad input gets')) await transcript.startHub()
  const said = async () => withoutVarying((await transcript.follow(command)).text)
  if (isAboutDevice(command)) {
    await expect.poll(said, { interval: 500 }).toBe(withoutVarying(expected))
    return
  }
  const output = withoutAddresses(await said())
  if (isServer(command)) {
    for (const line of expected.trim().split('\n')) expect(output).toContain(withoutVarying(line))
  } else {
    expect(output).toBe(withoutAddresses(withoutVarying(expected)))
  }
})

/** The warning of a hub for one computer has a line for each address of the computer. */
const withoutAddresses = (text: string) => text.replaceAll(/^ +--listen .*\n/gm, '')

/** A device's last report: a moment after the end of a rollout it may still show the state before the rollback. */
const isAboutDevice = (command: string) => command.startsWith('skerry deployment explain')
