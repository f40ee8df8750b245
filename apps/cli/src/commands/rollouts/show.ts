import { allRows } from '@skerry/client/page'
import { Outcome } from '@skerry/contract/rollouts/rollout'
import { causeText } from '@skerry/core/devices/cause-words'
import { outcomeWords, shownOutcome } from '@skerry/core/rollouts/views/outcome-words'
import { command, fits, value } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { agoText } from '../../program/terminal/words.ts'
import { shadowWords, stateText } from '../devices/views/device-view.ts'
import { gateHeads, gateRows } from './gate-words.ts'
import { findRollout, ROLLOUT } from './rollout-reference.ts'
import { rolloutText } from './rollout-view.ts'

export const showRollout = command({
  name: 'rollout show',
  summary: 'Show a rollout with its gates and its devices',
  examples: ['skerry rollout show anomaly', 'skerry rollout show rol_abcdefgh234567 --outcome failed'],
  arguments: { rollout: ROLLOUT },
  options: {
    outcome: value(
      '--outcome <outcome>',
      `only devices with this outcome: ${Outcome.options.join(', ')}`,
      fits(Outcome),
    ),
  },
  async run({ rollout: reference, outcome }, session) {
    const { client } = await session.hub()
    const { signal, style, io } = session
    const id = await findRollout(client, reference, signal)
    const rollout = await client.rollout.get({ rollout: id }, { signal })
    const devices = await allRows((page) => client.rollout.devices({ ...page, rollout: id, outcome }, { signal }))
    const rows = () =>
      devices.map(({ device, site, wave, state, cause, shadow, decidedAtMs, ...member }) => [
        device,
        site,
        rollout.waves[wave]?.name ?? 'joined later',
        outcomeWords[shownOutcome(rollout, member.outcome, { isLate: wave >= rollout.waves.length })],
        state && stateText(state, style),
        agoText(decidedAtMs, io.nowMs()),
        cause ? causeText(cause) : shadow && shadowWords(shadow),
      ])
    session.print({
      json: { rollout, devices },
      text: () => {
        const heads = ['DEVICE', 'SITE', 'WAVE', 'OUTCOME', 'STATE', 'DECIDED', 'WHY']
        const gates = tableOf(style, gateHeads, gateRows(rollout, io.nowMs(), style), 'no waves')
        return `${rolloutText(rollout, session)}\n\n${gates}\n\n${tableOf(style, heads, rows(), 'no devices')}`
      },
    })
  },
})
