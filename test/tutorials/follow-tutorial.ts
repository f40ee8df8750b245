/**
 * Follow tutorial: one test for each command of a tutorial. Shown output must come, in this order, and "..." stands for
 * any lines. A command without shown output must succeed.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTranscript, type Transcript } from '../stage/transcript.ts'
import { consoleSteps, withoutVarying } from '../web/stage/console-step.ts'

const FOLDER = join(import.meta.dirname, '../../docs/tutorials')

/** Call it at the top of a test file. */
export async function followTutorial(name: string): Promise<void> {
  const steps = consoleSteps(await readFile(join(FOLDER, `${name}.md`), 'utf8'))
  let transcript: Transcript
  beforeAll(async () => {
    transcript = await openTranscript()
  })
  afterAll(() => transcript[Symbol.asyncDispose]())

  test.each(steps)('$command', async ({ command, expected }) => {
    const { text, code } = await transcript.follow(command)
    if (expected.trim() === '') expect(code, text).toBe(0)
    let rest = withoutVarying(text)
    for (const part of withoutVarying(expected).split(/^\.\.\.$/m)) {
      expect(rest).toContain(part.trim())
      rest = rest.slice(rest.indexOf(part.trim()) + part.trim().length)
    }
  })
}
