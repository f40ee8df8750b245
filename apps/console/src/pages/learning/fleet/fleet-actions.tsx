/** Fleet actions: cancel the learnings of an order, or take its detectors off their devices. */
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Confirmation } from '../../../components/dialogs/confirmation.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { learningTexts } from '../english-learning.ts'
import { learningQueries } from '../learning-queries.ts'

const words = learningTexts.fleet

type Asked = 'cancel' | 'undo'

export function FleetActions({ name, isLive }: { name: string; isLive: boolean }) {
  const [asked, setAsked] = useState<Asked>()
  const client = useQueryClient()
  const run = async (reason: string) => {
    if (asked === 'cancel') await hub.learning.cancelFleet({ name, reason })
    const { failed } = asked === 'undo' ? await hub.learning.undoFleet({ name, reason }) : { failed: [] }
    await client.invalidateQueries({ queryKey: learningQueries.list().queryKey })
    // The dialog shows it, and the person can try again.
    if (failed.length > 0) throw new Error(words.failed(failed))
  }
  return (
    <>
      {isLive && (
        <GuardedButton permission="learning.write" look="danger" onClick={() => setAsked('cancel')}>
          {words.cancel}
        </GuardedButton>
      )}
      <GuardedButton permission="deployment.write" onClick={() => setAsked('undo')}>
        {words.undo}
      </GuardedButton>
      {asked && (
        <Confirmation
          title={words.ask[asked].title(name)}
          lead={words.ask[asked].lead}
          verb={words[asked]}
          isDanger
          needsReason
          run={run}
          done={words.ask[asked].done(name)}
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  )
}
