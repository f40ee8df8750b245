/** `skerry intrusion webhook show` */
import type { IntrusionWebhook } from '@skerry/contract/intrusion/intrusion-webhook'
import { command } from '../../program/command.ts'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf } from '../../program/terminal/table.ts'
import { countText, instantText } from '../../program/terminal/words.ts'

export const showIntrusionWebhook = command({
  name: 'intrusion webhook show',
  summary: 'Show the webhook for findings, its pending findings, and those that could not be sent',
  examples: ['skerry intrusion webhook show'],
  arguments: {},
  options: {},
  async run(_input, session) {
    const { client } = await session.hub()
    const { webhook } = await client.intrusion.webhook({}, { signal: session.signal })
    const { style } = session
    session.print({
      json: { webhook },
      text: () =>
        webhook
          ? factsOf(style, factsOfWebhook(webhook, style))
          : 'no webhook receives findings; "skerry intrusion webhook set URL" sets one',
    })
  },
})

function factsOfWebhook(webhook: IntrusionWebhook, style: Style): [string, string][] {
  const { url, sentAtMs, waiting, waitingSinceMs, problem, givenUp } = webhook
  const since = waitingSinceMs === undefined ? '' : `, the first since ${instantText(waitingSinceMs)}`
  const { newest } = givenUp
  const last = newest && `, the newest ${newest.intrusion} at ${instantText(newest.atMs)}: ${newest.message}`
  const facts: [string, string][] = [
    ['webhook', url],
    ['last taken', instantText(sentAtMs) ?? 'nothing yet'],
    ['waiting', `${countText(waiting, 'finding')}${since}`],
  ]
  if (problem) facts.push(['problem', style.yellow(`${problem.message} (${countText(problem.attempts, 'attempt')})`)])
  if (givenUp.count > 0) facts.push(['given up', style.red(`${countText(givenUp.count, 'finding')}${last ?? ''}`)])
  return facts
}
