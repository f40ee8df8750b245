import { SubjectId } from '@skerry/contract/captures/capture'
import { command, fits, required } from '../../program/command.ts'
import { YES } from '../../program/options.ts'
import { countText } from '../../program/terminal/words.ts'

export const eraseSubject = command({
  name: 'capture erase',
  summary: 'Delete all captured rows and labels about a person or thing, on the hub and on all devices',
  details:
    'The subject is the name that the application gives in the parameter "subject" of its requests. ' +
    'A device that is not connected deletes its rows when it connects again.',
  examples: ['skerry capture erase customer-1987 --yes'],
  arguments: { subject: required('<subject>', 'the subject of the requests', fits(SubjectId)) },
  options: { yes: YES },
  async run({ subject, yes }, session) {
    const { client } = await session.hub()
    await session.confirm(`delete all captured rows and labels about ${subject}`, yes)
    const erased = await client.capture.erase({ subject }, { signal: session.signal })
    session.print({
      json: erased,
      text: () =>
        `${countText(erased.labels, 'label')} deleted; ${countText(erased.pendingDevices, 'device')} still to confirm`,
    })
  },
})
