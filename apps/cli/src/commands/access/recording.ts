import { writeFile } from 'node:fs/promises'
import { AccessSessionId } from '@skerry/contract/values/ids'
import { asIs, command, fits, needed, required } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import { sizeText } from '../../program/terminal/words.ts'
import { DEVICE } from './access-options.ts'

export const saveRecording = command({
  name: 'access recording',
  summary: 'Save the recording of a terminal as a file in the form asciicast v2',
  details:
    'The SHA-256 of the file is the digest in the audit log. A recording can contain escape sequences that harm a terminal: play it in the console, or in a player.',
  examples: ['skerry access recording press-1 acs_abcdefgh234567 --to session.cast'],
  arguments: {
    device: DEVICE,
    id: required('<session>', 'id of the session, from "skerry access sessions"', fits(AccessSessionId)),
  },
  options: { to: needed('--to <file>', 'the new file', asIs) },
  async run({ device, id, to }, session) {
    const { client } = await session.hub()
    const { text, recording } = await client.access.recording({ device, accessSession: id }, { signal: session.signal })
    await writeFile(to, text, { flag: 'wx' }).catch((error: unknown) => {
      throw fail('file_unwritable', `${to} cannot be written: ${error instanceof Error ? error.message : error}`)
    })
    const state = recording ? recording.digest : 'the session is still open'
    session.print({
      json: { file: to, recording },
      text: () => `${to}: ${sizeText(Buffer.byteLength(text))}, ${state}`,
    })
  },
})
