/** Save rules: the button under rules of the organisation, and the question before they count, with whom they concern. */
import type { Permission } from '@skerry/contract/people/permissions'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'

type SaveRulesProps = {
  permission: Permission
  words: Readonly<Record<'save' | 'saveTitle' | 'saved' | 'unchanged', string>>
  /** They are as they were. */
  isSame: boolean
  lead: string
  run: () => Promise<unknown>
}

export function SaveRules({ permission, words, isSame, lead, run }: SaveRulesProps) {
  const [isAsking, setAsking] = useState(false)
  return (
    <>
      <GuardedButton
        permission={permission}
        className="self-start"
        blocked={isSame ? words.unchanged : undefined}
        onClick={() => setAsking(true)}
      >
        {words.save}
      </GuardedButton>
      {isAsking && (
        <Confirmation
          title={words.saveTitle}
          lead={lead}
          verb={words.save}
          run={run}
          done={words.saved}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  )
}
