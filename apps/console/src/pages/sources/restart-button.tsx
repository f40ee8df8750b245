/** Restart button: has a device begin a source anew, also one that it has left alone, with a reason. */
import { Name } from '@skerry/contract/values/names'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { hub } from '../../hub/hub-client.ts'
import { equipmentTexts } from './equipment/english-equipment.ts'
import type { SaidState } from './source-marks.tsx'

const words = equipmentTexts.restart

type RestartProps = { source: string; device: string; state: SaidState; isSmall?: boolean }

export function RestartButton({ source, device, state, isSmall = false }: RestartProps) {
  const [isAsked, setAsked] = useState(false)
  const client = useQueryClient()
  const restart = async (reason: string) => {
    await hub.source.restart({ device, source: Name.parse(source), reason })
    await client.invalidateQueries({ queryKey: ['sources', 'device', device] })
  }
  return (
    <>
      <GuardedButton
        permission="device.write"
        isSmall={isSmall}
        aria-label={words.label(device)}
        blocked={state === 'unsaid' ? words.unsaid : undefined}
        onClick={() => setAsked(true)}
      >
        {words.verb}
      </GuardedButton>
      {isAsked && (
        <Confirmation
          title={words.title(source, device)}
          lead={state === 'quarantined' ? words.leadQuarantined : words.lead}
          verb={words.verb}
          isDanger
          needsReason
          run={restart}
          done={words.done(source, device)}
          onClose={() => setAsked(false)}
        />
      )}
    </>
  )
}
