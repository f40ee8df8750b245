/** `skerry intrusion webhook test` */
import { command } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'

export const testIntrusionWebhook = command({
  name: 'intrusion webhook test',
  summary: 'Send an invented finding to the webhook, and show its answer',
  examples: ['skerry intrusion webhook test'],
  arguments: {},
  options: {},
  async run(_input, session) {
    const { client } = await session.hub()
    const answer = await client.intrusion.testWebhook({}, { signal: session.signal })
    const status = answer.status === undefined ? '' : `it answered ${answer.status}`
    const text = [status, answer.text].filter((part) => part !== '').join(': ')
    session.print({ json: answer, text: () => text })
    if (!answer.isTaken) throw fail('webhook_refused', 'the webhook did not accept it')
  },
})
