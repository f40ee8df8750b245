/** Acceptance actions: accept the risk of a vulnerability until a day, with a reason, and withdraw the acceptance. */
import { ACCEPTED_SECONDS_MAX } from '@skerry/contract/api/fleet/vulnerability-procedures'
import type { VulnerabilityDetail } from '@skerry/contract/vulnerabilities/vulnerability'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { SaveDialog } from '../../components/dialogs/save-dialog.tsx'
import { useNowMs } from '../../components/facts/instant.tsx'
import { Field, INPUT } from '../../components/fields.tsx'
import { TextInput } from '../../components/text-input.tsx'
import { hub } from '../../hub/hub-client.ts'
import { texts } from '../../texts/english.ts'
import { timeLocale } from '../../texts/language.ts'
import { vulnerabilitiesTexts as words } from './english-vulnerabilities.ts'

type ActionsProps = { vulnerability: Pick<VulnerabilityDetail, 'id' | 'state' | 'accepted'> }

export function AcceptanceActions({ vulnerability: { id, state, accepted } }: ActionsProps) {
  const [asked, setAsked] = useState<'accept' | 'withdraw'>()
  const client = useQueryClient()
  const refresh = () =>
    Promise.all(['vulnerabilities', 'alerts'].map((key) => client.invalidateQueries({ queryKey: [key] })))
  const onClose = () => setAsked(undefined)
  const withdraw = async () => {
    await hub.vulnerability.withdraw({ vulnerability: id })
    await refresh()
  }
  const isAccepted = state === 'accepted'
  return (
    <>
      <GuardedButton permission="vulnerability.write" onClick={() => setAsked('accept')}>
        {isAccepted ? words.acceptAgain : words.accept}
      </GuardedButton>
      {isAccepted && (
        <GuardedButton permission="vulnerability.write" look="danger" onClick={() => setAsked('withdraw')}>
          {words.withdraw}
        </GuardedButton>
      )}
      {asked === 'accept' && (
        <AcceptDialog id={id} reason={accepted?.reason ?? ''} onDone={refresh} onClose={onClose} />
      )}
      {asked === 'withdraw' && (
        <Confirmation
          title={words.withdrawTitle(id)}
          lead={words.withdrawLead}
          verb={words.withdraw}
          isDanger
          run={withdraw}
          done={words.withdrawn(id)}
          onClose={onClose}
        />
      )}
    </>
  )
}

const DAY_SECONDS = 86_400
const DAYS_MAX = ACCEPTED_SECONDS_MAX / DAY_SECONDS
/** The usual time until a release with the fix is on all devices. */
const DAYS_AT_FIRST = '30'

const day = new Intl.DateTimeFormat(timeLocale, { dateStyle: 'medium' })

type AcceptProps = { id: string; reason: string; onDone: () => Promise<unknown>; onClose: () => void }

function AcceptDialog({ id, reason: before, onDone, onClose }: AcceptProps) {
  const [reason, setReason] = useState(before)
  const [daysText, setDays] = useState(DAYS_AT_FIRST)
  const now = useNowMs()
  const days = /^\d{1,3}$/.test(daysText) ? Number(daysText) : 0
  const isWrong = days < 1 || days > DAYS_MAX
  const noReason = reason.trim() === '' ? words.noReason : undefined
  const run = async () => {
    await hub.vulnerability.accept({ vulnerability: id, reason: reason.trim(), seconds: days * DAY_SECONDS })
    await onDone()
    return words.accepted(id)
  }
  return (
    <SaveDialog
      title={words.acceptTitle(id)}
      lead={words.acceptLead}
      verb={words.accept}
      blocked={isWrong ? words.daysWrong(DAYS_MAX) : noReason}
      run={run}
      onClose={onClose}
    >
      <Field label={texts.common.reason} hint={texts.common.reasonHint}>
        {(control) => <TextInput control={control} value={reason} onChange={setReason} />}
      </Field>
      <Field
        label={words.days}
        hint={isWrong ? undefined : words.daysHint(day.format(now + days * DAY_SECONDS * 1_000))}
        error={isWrong ? words.daysWrong(DAYS_MAX) : undefined}
      >
        {(control) => (
          <input
            {...control}
            className={INPUT}
            inputMode="numeric"
            autoComplete="off"
            value={daysText}
            onChange={(event) => setDays(event.target.value.trim())}
          />
        )}
      </Field>
    </SaveDialog>
  )
}
