/** `skerry intrusion rules` */
import { command } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'

export const listIntrusionRules = command({
  name: 'intrusion rules',
  summary: 'List the rules of intrusion detection in this organisation',
  examples: ['skerry intrusion rules'],
  arguments: {},
  options: {},
  async run(_input, session) {
    const { client } = await session.hub()
    const { rules } = await client.intrusion.rules({}, { signal: session.signal })
    session.print({
      json: rules,
      text: () =>
        tableOf(
          session.style,
          ['RULE', 'STATE', 'THRESHOLD', 'WINDOW', 'RESPONSE', 'FIRES WHEN'],
          rules.map(({ rule, isOn, threshold, windowSeconds, response, action, means }) => [
            rule,
            isOn ? 'on' : 'off',
            threshold,
            `${windowSeconds / 60} min`,
            action === undefined ? '-' : `${action}: ${response}`,
            means,
          ]),
          'none',
        ),
    })
  },
})
