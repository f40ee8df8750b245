/** Switch over: the button that makes the other device of a pair the active one, as planned work. */
import type { Pair } from '@skerry/contract/pairs/pair'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { hub } from '../../hub/hub-client.ts'
import { pairTexts as words } from './english-pairs.ts'
import { pairQuery } from './pair-queries.ts'

export function SwitchOver({ pair }: { pair: Pair }) {
  const client = useQueryClient()
  const [to, setTo] = useState<string>()
  const other = otherMember(pair)
  return (
    <>
      <GuardedButton
        permission="device.write"
        isSmall
        blocked={obstacleOf(pair)}
        onClick={() => other !== undefined && setTo(other.device)}
      >
        {words.switchOver}
      </GuardedButton>
      {to !== undefined && (
        <Confirmation
          title={words.ask(pair.name, to)}
          lead={words.askLead(to)}
          verb={words.switchOver}
          run={async () => {
            await hub.pair.switch({ name: pair.name, to })
            await client.invalidateQueries({ queryKey: pairQuery.queryKey })
          }}
          done={words.ordered(to)}
          onClose={() => setTo(undefined)}
        />
      )}
    </>
  )
}

/** The member that is not active; undefined if none is. */
const otherMember = ({ active, spec, devices }: Pair) =>
  active && devices.find(({ device }) => spec.members.includes(device) && device !== active.device)

/** Why the pair cannot switch now. */
function obstacleOf(pair: Pair): string | undefined {
  const other = otherMember(pair)
  if (other === undefined) return words.noActive
  if (pair.switchTo === other.device) return words.switchTo(other.device)
  return other.isConnected ? undefined : words.otherAway(other.device)
}
