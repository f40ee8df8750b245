import { SelectorText } from '@skerry/contract/values/names'
import { command, fits, flag, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { parseDuration } from '../../program/values.ts'
import { rulesText } from './approval-words.ts'

export const setApprovalRules = command({
  name: 'approval rules',
  summary: 'Show or change the rules for actions that need two people',
  details:
    'The person who requests an action cannot approve it. Rules that you do not give stay as they are. If you switch a rule off, the audit log records it and an alert appears.',
  examples: [
    'skerry approval rules',
    'skerry approval rules --production \'site.labels.stage == "production"\' --batches on --roles on --audit on',
    'skerry approval rules --production-none',
  ],
  arguments: {},
  options: {
    production: value('--production <selector>', 'deployments with such devices need two people', fits(SelectorText)),
    isNowhere: flag('--production-none', 'no deployment needs two people'),
    batches: value('--batches <on|off>', 'sending a batch needs two people', onOff),
    roles: value('--roles <on|off>', 'granting, creating and changing roles needs two people', onOff),
    audit: value('--audit <on|off>', 'removing audit records and changing their receiver needs two people', onOff),
    access: value('--access <on|off>', 'a grant of remote access needs two people', onOff),
    moderated: value('--moderated <selector>', 'terminals of such devices need a moderator', fits(SelectorText)),
    isUnmoderated: flag('--moderated-none', 'no terminal needs a moderator'),
    expiresInSeconds: value('--expires-in <time>', 'how long a request is valid, such as 8h', parseDuration),
  },
  async run(given, session) {
    const { production, isNowhere, batches, roles, audit, access, expiresInSeconds } = given
    refuseBoth('--production', production, isNowhere)
    refuseBoth('--moderated', given.moderated, given.isUnmoderated)
    const moderated = given.isUnmoderated ? false : given.moderated
    const { client } = await session.hub()
    const { signal, style } = session
    const before = await client.approval.rules({}, { signal })
    const isChange =
      [production, batches, roles, audit, access, moderated, expiresInSeconds].some((each) => each !== undefined) ||
      isNowhere
    const rules = isChange
      ? await client.approval.setRules(
          {
            deployments: isNowhere ? undefined : (production ?? before.deployments),
            batches: batches ?? before.batches,
            roles: roles ?? before.roles,
            audit: audit ?? before.audit,
            ...(access !== undefined && { access }),
            ...(moderated !== undefined && { moderated }),
            expiresInSeconds: expiresInSeconds ?? before.expiresInSeconds,
          },
          { signal },
        )
      : before
    session.print({ json: rules, text: () => rulesText(style, rules) })
  },
})

function refuseBoth(option: string, selector: string | undefined, isNone: boolean): void {
  if (selector !== undefined && isNone) throw wrongUsage(`${option} and ${option}-none exclude each other`)
}

function onOff(text: string): boolean {
  if (text !== 'on' && text !== 'off') throw new Error('must be on or off')
  return text === 'on'
}
